"""Aff-Wild2 in both releases, and what is wrong in it."""

import pytest

from fercli.datasets.readers.aff_wild2 import AffWild2
from fercli.errors import ConfigError, DataError
from tests.corpora.layouts_affect import write_aff_wild2

LAYOUTS = {"aff_wild2": (AffWild2(), write_aff_wild2)}

# Reasons that each video of the later release gives when frames with both labels are wanted.
EACH_VIDEO = {
    "no expression": 1,
    "no valence and arousal": 1,
    "expression is other": 1,
    "unlabelled": 1,
    "image file missing": 1,
    "image without label row": 1,
}


def lists(folder, task="EXPR_Classification_Challenge"):
    return sorted((folder / "annotations" / task).glob("*/*.txt"))


def videos(written):
    return list(dict.fromkeys(item.id.partition("/")[0] for item in written))


def test_frames_with_both_labels_come_back(tmp_path, seven, reading):
    written = write_aff_wild2(tmp_path, seven)
    read = reading(AffWild2(), tmp_path)
    assert set(read.records) == {item.id for item in written}
    for item in written:
        record = read.records[item.id]
        assert (record.split, record.expression) == (item.split, item.face.expression)
        assert (record.valence, record.arousal) == (item.face.valence, item.face.arousal)
        assert record.image == f"cropped_aligned/{item.id}.jpg"
    assert {item.split for item in written} == {"train", "val"}
    assert read.reasons == {reason: 10 * times for reason, times in EACH_VIDEO.items()}


def test_the_first_release_has_other_folders_and_no_class_other(tmp_path, seven, reading):
    written = write_aff_wild2(tmp_path, seven[:20], "first")
    read = reading(AffWild2(), tmp_path)
    assert set(read.records) == {item.id for item in written}
    assert read.reasons["unknown label"] == 5
    assert read.reasons["expression is other"] == 0


def test_classes_are_named_by_the_first_line(tmp_path, seven, reading):
    written = write_aff_wild2(tmp_path, seven[:4])
    (file,) = lists(tmp_path)
    file.write_text("Happiness,Neutral\n1\n0\n-1\n0\n")
    records = reading(AffWild2(), tmp_path).records
    assert {name: r.expression for name, r in records.items()} == {
        written[0].id: "neutral",
        written[1].id: "happiness",
        written[3].id: "happiness",
    }


@pytest.mark.parametrize(
    ("annotations", "num_extra", "reasons"),
    [
        ("both", 0, EACH_VIDEO),
        ("expression", 1, {"no expression": 1, "expression is other": 1, "unlabelled": 1}),
        ("affect", 2, {"no valence and arousal": 1, "unlabelled": 1}),
        ("either", 3, {"unlabelled": 1}),
    ],
)
def test_which_frames_are_kept(tmp_path, seven, reading, annotations, num_extra, reasons):
    written = write_aff_wild2(tmp_path, seven[:20])
    read = reading(AffWild2(annotations), tmp_path)
    assert len(read.records) == len(written) + 5 * num_extra
    always = {"image file missing": 1, "image without label row": 1}
    assert read.reasons == {reason: 5 * times for reason, times in (reasons | always).items()}
    extra = [record for name, record in read.records.items() if name not in {item.id for item in written}]
    for record in extra:
        assert (record.expression is None) != (record.valence is None)
        assert (record.valence is None) == (record.arousal is None)
        assert annotations != "expression" or record.expression == "disgust"


def test_two_people_of_a_video_stay_together(tmp_path, seven, reading):
    write_aff_wild2(tmp_path, seven[:20])
    records = reading(AffWild2(), tmp_path).records
    sides = {name.partition("/")[0]: record.video for name, record in records.items() if "t/" in name}
    assert sides == {"0-30-1280x720_left": "0-30-1280x720", "0-30-1280x720_right": "0-30-1280x720"}
    assert all(record.subject is None for record in records.values())


def test_time_is_the_number_of_the_frame_at_30_a_second(tmp_path, seven, reading):
    first, second, *_ = write_aff_wild2(tmp_path, seven[:4])
    records = reading(AffWild2(), tmp_path).records
    assert (records[first.id].time, records[second.id].time) == (0, 1 / 30)


def test_the_split_is_that_of_the_challenge(tmp_path, seven, reading):
    written = write_aff_wild2(tmp_path, seven[:4])
    (file,) = lists(tmp_path, "VA_Estimation_Challenge")
    elsewhere = file.parents[1] / "Validation_Set"
    elsewhere.mkdir()
    file.rename(elsewhere / file.name)
    for annotations, split in (("both", "train"), ("either", "train"), ("expression", "train"), ("affect", "val")):
        assert reading(AffWild2(annotations), tmp_path).records[written[0].id].split == split


def test_a_video_of_one_challenge_has_one_kind_of_labels(tmp_path, seven, reading):
    written = write_aff_wild2(tmp_path, seven[:8])
    first, second = videos(written)
    next(file for file in lists(tmp_path) if file.stem == first).unlink()
    read = reading(AffWild2("either"), tmp_path)
    record = read.records[written[0].id]
    assert (record.split, record.expression, record.valence) == ("train", None, written[0].face.valence)
    assert {name.partition("/")[0] for name in reading(AffWild2(), tmp_path).records} == {second}


@pytest.mark.parametrize(
    ("task", "line", "reason"),
    [
        ("EXPR_Classification_Challenge", "8", "unknown label"),
        ("EXPR_Classification_Challenge", "-2", "unknown label"),
        ("EXPR_Classification_Challenge", "1.5", "unknown label"),
        ("EXPR_Classification_Challenge", "nan", "unknown label"),
        ("EXPR_Classification_Challenge", "", "malformed row"),
        ("EXPR_Classification_Challenge", "1,2", "malformed row"),
        ("VA_Estimation_Challenge", "nan,0.5", "value out of range"),
        ("VA_Estimation_Challenge", "0.5,1.01", "value out of range"),
        ("VA_Estimation_Challenge", "0.5", "malformed row"),
        ("VA_Estimation_Challenge", "0.5,high", "malformed row"),
    ],
)
def test_a_bad_line_is_counted_and_its_neighbors_are_kept(tmp_path, seven, reading, task, line, reason):
    written = write_aff_wild2(tmp_path, seven[:4])
    (file,) = lists(tmp_path, task)
    lines = file.read_text().splitlines()
    lines[2] = line
    file.write_text("\n".join(lines) + "\n\n")
    read = reading(AffWild2(), tmp_path)
    assert read.rejects[written[1].id].reason == reason
    assert set(read.records) == {item.id for item in written} - {written[1].id}


@pytest.mark.parametrize("content", ["", "0\n1\n", "Joy,Neutral\n0\n", "\x93binary"])
def test_a_file_with_another_first_line_is_counted(tmp_path, seven, reading, content):
    written = write_aff_wild2(tmp_path, seven[:8])
    first, second = videos(written)
    bad = next(file for file in lists(tmp_path) if file.stem == first)
    bad.write_text(content)
    read = reading(AffWild2(), tmp_path)
    assert read.rejects[bad.relative_to(tmp_path).as_posix()].reason == "malformed annotation file"
    assert {name.partition("/")[0] for name in read.records} == {second}


def test_a_video_in_both_sets_is_read_once(tmp_path, seven, reading):
    written = write_aff_wild2(tmp_path, seven[:4])
    (file,) = lists(tmp_path)
    again = file.parents[1] / "Validation_Set" / file.name
    again.parent.mkdir()
    again.write_bytes(file.read_bytes())
    read = reading(AffWild2(), tmp_path)
    assert read.rejects[again.relative_to(tmp_path).as_posix()].reason == "video in two splits"
    assert {read.records[item.id].split for item in written} == {"train"}


def test_lists_of_different_length_are_read_as_far_as_each_goes(tmp_path, seven, reading):
    written = write_aff_wild2(tmp_path, seven[:4])
    (file,) = lists(tmp_path)
    file.write_text("\n".join(file.read_text().splitlines()[:3]))
    read = reading(AffWild2("either"), tmp_path)
    assert read.records[written[1].id].expression is not None
    assert read.records[written[2].id].expression is None
    assert read.records[written[2].id].valence == written[2].face.valence


def test_what_is_missing_is_named(tmp_path, seven, reading):
    with pytest.raises(DataError, match=r"expected frames in cropped_aligned/<video>/ of .*; found none"):
        reading(AffWild2(), tmp_path)
    write_aff_wild2(tmp_path, seven[:4])
    for file in lists(tmp_path, "VA_Estimation_Challenge"):
        file.unlink()
    with pytest.raises(DataError, match=r"expected annotation files VA_\*/\{Train_Set,Validation_Set\}/<video>\.txt"):
        reading(AffWild2(), tmp_path)
    assert len(reading(AffWild2("expression"), tmp_path).records) == 5


def test_options_are_checked():
    with pytest.raises(ConfigError, match="did you mean 'either'"):
        AffWild2("eiter")
