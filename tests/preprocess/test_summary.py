from fercli.preprocess.summary import Summary, by_reason, count_kept, notes
from fercli.records import DataInfo, Record, Reject

RECORDS = [
    Record("a", "test", "", expression="sadness"),
    Record("b", "train", "", expression="sadness"),
    Record("c", "train", "", expression="neutral"),
    Record("d", "train", "", expression="sadness"),
    Record("e", "train", ""),
]
REJECTS = [Reject("d", "train", "sadness", "no face found"), Reject("z", "test", "", "unknown label")]


def test_kept_rows_are_counted_in_label_order():
    kept = count_kept(RECORDS, REJECTS, ("neutral", "sadness", "anger"))
    assert kept == {"train": {"neutral": 1, "sadness": 1, "unlabelled": 1}, "test": {"sadness": 1}}
    assert list(kept) == ["train", "test"]
    assert Summary(kept, tuple(REJECTS)).num_rows == 4


def test_reasons_come_most_frequent_first():
    assert list(by_reason([*REJECTS, REJECTS[1]]).items()) == [("unknown label", 2), ("no face found", 1)]


def test_a_split_of_unexpected_size_is_noted():
    info = DataInfo("x", "X", "none", notes=("Beware.",), extra={"expected_counts": {"train": 4, "test": 9}})
    kept = count_kept(RECORDS, REJECTS, ("neutral", "sadness"))
    assert notes(info, kept, REJECTS) == ("Beware.", "X has 9 test rows as published; found 2")
