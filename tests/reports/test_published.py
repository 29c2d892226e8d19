import pandas as pd
import pytest

from fercli.errors import ConfigError, DataError
from fercli.reports import published as module
from fercli.reports.published import cautions, published, published_value, reconstruction, repeats

GOOD = "lab,Table 1,expression,RAF-DB,7 classes,DDA,A 2020,2020,face,accuracy,86.90,percent,proposed,"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder in the place of the packaged one; caches are emptied before and after."""
    published.cache_clear()
    monkeypatch.setattr(module, "files", lambda package: tmp_path)
    yield tmp_path
    published.cache_clear()


def write(folder, *lines):
    (folder / "lab.csv").write_text("\n".join([",".join(module.COLUMNS), *lines]) + "\n")


def test_all_packaged_numbers_pass_the_rules():
    frame = published()
    assert len(frame) == 626
    assert frame.loc[frame["dataset"] != "none", "data"].str.fullmatch(r"[a-z0-9_]+").all()
    assert frame["value"].dtype == float


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (("dda-dacl", "Table 3.1", "DDA loss gamma=7.0", "accuracy", "W-MNIST/MNIST"), 97.34),
        (("dda-dacl", "Table 3.3", "DDA loss", "mean_class_accuracy", "RAF-DB"), 79.71),
        (("dda-dacl", "Table 4.2", "DACL [MS-CELEB-1M]", "accuracy", "AffectNet"), 65.20),
    ],
)
def test_a_number_is_found_by_its_key(key, value):
    assert published_value(*key) == value


def test_the_protocol_tells_numbers_of_one_table_apart():
    key = ("frontier", "literature", "DAN", "accuracy", "AffectNet")
    with pytest.raises(ConfigError, match=r"2 published numbers .* differ in protocol:\n7 classes.*\n8 classes"):
        published_value(*key)
    assert published_value(*key, protocol="8 classes, 4000 validation images") == 62.09


def test_a_missing_key_is_refused_with_the_nearest():
    with pytest.raises(ConfigError, match=r"no published method 'DDA los' for .*did you mean 'DDA loss'"):
        published_value("dda-dacl", "Table 3.3", "DDA los", "accuracy", "RAF-DB")
    with pytest.raises(ConfigError, match=r"no published source 'dda-dac'.*did you mean 'dda-dacl'"):
        published_value("dda-dac", "Table 3.3", "DDA loss", "accuracy", "RAF-DB")


def test_every_repeat_of_a_published_number_finds_it():
    frame, numbers = repeats(), published()
    held = frame[frame["published"].notna() & (frame["method"] != "PAtt-Lite")]  # its paper is in no file yet
    for row in held.itertuples():
        same = numbers[(numbers["data"] == row.data) & (numbers["method"] == row.method)]
        assert row.published in set(same.loc[same["metric"] == row.metric, "value"]), row


def test_every_note_of_a_repeat_is_in_repeats():
    numbers = published()
    noted = numbers[numbers["notes"].str.contains(r"re-run gave|re-run elsewhere|re-run of|not reproduced")]
    known = set(zip(repeats()["data"], repeats()["method"], repeats()["metric"], strict=True))
    tested = noted[noted["data"] != "avec2013"]  # STA-DRN was repeated on AVEC2014 only
    assert len(tested) > 0
    assert set(zip(tested["data"], tested["method"], tested["metric"], strict=True)) <= known


def test_doubts_are_kept_apart_from_other_notes():
    frame = published()
    rafdb = frame[(frame["source"] == "frontier") & (frame["data"] == "rafdb")].set_index("method")
    assert rafdb["doubts"]["VTFF"] == ()
    assert rafdb["doubts"]["SCN"] == ("second-hand table: confirm before citing",)


def test_cautions_are_those_of_the_data_set():
    assert cautions("caer_s") == ["Training and test stills come from the same clips."]
    assert cautions("wmnist") == []


def test_a_reconstruction_is_said_of_the_source_and_of_its_method():
    (said,) = reconstruction("dj-ldml")
    assert said.startswith("DJ-LDML is a reconstruction")
    assert "no published number" in said
    assert reconstruction("dj_ldml") == [said]
    assert reconstruction("dlga-cnn") == reconstruction("dlga_cnn") == []


def test_a_good_file_is_read_with_its_numbers(folder):
    write(folder, GOOD)
    row = published().iloc[0]
    assert (row["value"], row["data"], row["file"]) == (86.9, "rafdb", "lab.csv")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (GOOD.replace("86.90", "high"), "value is a number"),
        (GOOD.replace("86.90", "869"), "value in percent lies in 0 to 100"),
        (GOOD.replace("RAF-DB", "RAFDB"), "dataset is one of"),
        (GOOD.replace("percent", "%"), "unit is one of"),
        (GOOD.replace("proposed", "ours"), "row_kind is one of"),
        (GOOD.replace("lab,", "other,"), "source is the name of the file"),
        (GOOD + ",stray", "line 2: expected 14 cells, found 15"),
    ],
)
def test_a_broken_row_is_refused(folder, line, message):
    write(folder, line)
    with pytest.raises(DataError, match=message):
        published()


def test_two_numbers_under_one_key_are_refused(folder):
    write(folder, GOOD, GOOD.replace("86.90", "87.00"))
    with pytest.raises(DataError, match="one number per source"):
        published()


def test_a_metric_in_two_units_is_refused(folder):
    write(folder, GOOD, GOOD.replace("DDA,", "DACL,").replace("86.90,percent", "0.87,fraction"))
    with pytest.raises(DataError, match="a metric has one unit"):
        published()


def test_missing_columns_are_refused(folder):
    pd.DataFrame({"source": ["lab"]}).to_csv(folder / "lab.csv", index=False)
    with pytest.raises(DataError, match=r"lab.csv: expected the columns source, table, .*; found source"):
        published()
