"""FER+ in both forms, and what is wrong in them."""

import numpy as np
import pytest

from fercli.datasets.readers.ferplus import FERPlus
from fercli.errors import ConfigError, DataError
from fercli.taxonomy import EXPRESSIONS
from tests.corpora.layouts import write_ferplus

LAYOUTS = {
    "ferplus folders": (FERPlus("votes"), write_ferplus),
    "ferplus csv": (FERPlus("votes"), lambda folder, faces: write_ferplus(folder, faces, "csv")),
}


def winner(votes):
    best = [name for name, count in zip(EXPRESSIONS, votes, strict=True) if count == max(votes)]
    return best[0] if len(best) == 1 else None


@pytest.fixture(params=["folders", "csv"])
def form(request):
    return request.param


def test_every_label_comes_back(tmp_path, eight, form, reading):
    written = write_ferplus(tmp_path, eight, form)
    read = reading(FERPlus(labels="votes"), tmp_path)
    assert set(read.records) == {item.id for item in written}
    for item in written:
        record = read.records[item.id]
        assert record.split == item.split
        assert record.votes == item.face.votes  # the release has another order of classes
        assert record.expression == winner(item.face.votes)
    assert {item.split for item in written} == {"train", "val", "test"}


def test_majority_leaves_out_ties(tmp_path, eight, form, reading):
    written = write_ferplus(tmp_path, eight, form)
    read = reading(FERPlus(), tmp_path)
    expected = {item.id: winner(item.face.votes) for item in written}
    assert {name: record.expression for name, record in read.records.items()} == {
        k: v for k, v in expected.items() if v
    }
    assert read.reasons["no majority class"] == list(expected.values()).count(None)


def test_the_csv_form_gives_pixels_and_counts_what_the_release_removed(tmp_path, eight, reading):
    written = write_ferplus(tmp_path, eight, "csv")
    read = reading(FERPlus(labels="votes"), tmp_path)
    assert read.reasons == {"removed by the release": 40 // 7}
    for item in written:
        np.testing.assert_array_equal(read.records[item.id].image, item.image)


def test_the_csv_form_is_found_from_one_of_its_files(tmp_path, eight, reading):
    write_ferplus(tmp_path, eight, "csv")
    from_file = reading(FERPlus(), tmp_path / "fer2013new.csv")
    assert list(from_file.records) == list(reading(FERPlus(), tmp_path).records)


# In the order of the release: neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown, NF.
VOTES = {
    "clear": "0,8,1,1,0,0,0,0,0,0",
    "half": "5,3,0,2,0,0,0,0,0,0",
    "weak": "4,1,1,1,1,1,1,0,0,0",
    "tie": "5,5,0,0,0,0,0,0,0,0",
    "unknown": "2,2,0,0,0,0,0,0,6,0",
    "nf": "0,1,0,0,0,0,0,0,0,9",
    "no-face": "0,0,0,0,0,0,0,0,0,10",
}


def write_votes(folder, votes=VOTES):
    train = folder / "FER2013Train"
    train.mkdir()
    for name in votes:
        (train / f"{name}.png").touch()
    (train / "label.csv").write_text("".join(f'{name}.png,"(0, 0, 48, 48)",{cells}\n' for name, cells in votes.items()))
    return train


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, {"clear": "happiness", "weak": "neutral"}),  # single votes do not count; more than half of the others
        ({"min_votes": 1}, {"clear": "happiness"}),
        ({"min_votes": 1, "min_share": 0}, {"clear": "happiness", "half": "neutral", "weak": "neutral"}),
        (
            {"labels": "votes", "min_votes": 1, "min_share": 0},
            {"clear": "happiness", "half": "neutral", "weak": "neutral", "tie": None, "unknown": None, "nf": None},
        ),
    ],
)
def test_rules_of_the_majority(tmp_path, options, kept, reading):
    write_votes(tmp_path)
    read = reading(FERPlus(**options), tmp_path)
    assert {name: record.expression for name, record in read.records.items()} == kept


def test_reasons(tmp_path, reading):
    train = write_votes(tmp_path)
    with (train / "label.csv").open("a") as stream:
        stream.write('clear.png,"(0, 0, 48, 48)",0,8,1,1,0,0,0,0,0,0\n')
        stream.write('absent.png,"(0, 0, 48, 48)",0,8,1,1,0,0,0,0,0,0\n')
        stream.write('cut.png,"(0, 0, 48, 48)",0,8\nword.png,"(0, 0, 48, 48)",0,8,1,1,x,0,0,0,0,0\n')
    for name in ("cut", "word", "extra"):
        (train / f"{name}.png").touch()
    rejects = reading(FERPlus(), tmp_path).rejects
    assert {name: reject.reason for name, reject in rejects.items()} == {
        "half": "no majority class",
        "tie": "no majority class",
        "unknown": "majority is unknown",
        "nf": "majority is NF",
        "no-face": "majority is NF",
        "clear": "duplicate id",
        "absent": "image file missing",
        "cut": "malformed row",
        "word": "malformed row",
        "FER2013Train/extra.png": "image without label row",
    }
    assert rejects["tie"].detail == "5 neutral, 5 happiness"
    assert reading(FERPlus(labels="votes"), tmp_path).rejects["no-face"].reason == "no vote for a class"


def test_windows_line_ends_and_byte_order_mark(tmp_path, reading):
    train = write_votes(tmp_path)
    label = train / "label.csv"
    label.write_bytes(b"\xef\xbb\xbf" + label.read_bytes().replace(b"\n", b"\r\n"))
    assert set(reading(FERPlus(), tmp_path).records) == {"clear", "weak"}


def test_damage_in_the_csv_form_is_counted(tmp_path, eight, reading):
    written = write_ferplus(tmp_path, eight[:4], "csv")
    file = tmp_path / "fer2013.csv"
    lines = file.read_text().splitlines()
    lines[1] = lines[1].replace(" ", " 300 ", 1)
    lines[2] = lines[2].rpartition(",")[0]
    file.write_text("\n".join(lines))
    read = reading(FERPlus(labels="votes"), tmp_path)
    assert list(read.records) == [item.id for item in written[2:]]
    assert read.reasons == {"malformed row": 2}


@pytest.mark.parametrize("file", ["fer2013.csv", "fer2013new.csv"])
def test_files_of_different_length_do_not_fit(tmp_path, eight, file, reading):
    write_ferplus(tmp_path, eight[:5], "csv")
    path = tmp_path / file
    path.write_text("\n".join(path.read_text().splitlines()[:-1]))
    with pytest.raises(DataError, match="expected the same images row by row"):
        reading(FERPlus(), tmp_path)


def test_what_is_missing_is_named(tmp_path, eight, reading):
    with pytest.raises(DataError, match=r"expected fer2013new\.csv or FER2013Train/label\.csv in .*; found nothing"):
        reading(FERPlus(), tmp_path)
    write_ferplus(tmp_path, eight, "csv")
    (tmp_path / "fer2013.csv").unlink()
    with pytest.raises(DataError, match=r"expected fer2013\.csv in .*; found fer2013new\.csv"):
        reading(FERPlus(), tmp_path)
    (tmp_path / "FER2013Valid").mkdir()
    (tmp_path / "FER2013Valid" / "fer0.png").touch()
    with pytest.raises(DataError, match=r"expected FER2013Valid/label\.csv"):
        reading(FERPlus(), tmp_path)


def test_options_are_checked():
    with pytest.raises(ConfigError, match="did you mean 'majority'"):
        FERPlus(labels="majorty")
    with pytest.raises(ConfigError, match="min_share"):
        FERPlus(min_share=1.0)
