from dataclasses import replace

from fercli.preprocess.notes import notes
from fercli.preprocess.summary import Summary, by_reason, count_kept
from fercli.records import ALL_SPLITS, DataInfo, Record, Reject

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


def test_a_release_without_splits_is_compared_as_a_whole():
    info = DataInfo("x", "X", "none", extra={"expected_counts": {ALL_SPLITS: 6}})
    kept = count_kept(RECORDS, REJECTS, ("neutral", "sadness"))
    assert notes(info, kept, REJECTS) == ()
    info.extra["expected_counts"] = {ALL_SPLITS: 7}
    assert notes(info, kept, REJECTS) == (f"X has 7 {ALL_SPLITS} rows as published; found 6",)
    info.extra["expected_counts"] = {}
    info.extra["expected_expressions"] = {ALL_SPLITS: 4}
    assert notes(info, kept, REJECTS) == (f"X has 4 {ALL_SPLITS} rows with an expression as published; found 5",)
    del info.extra["expected_expressions"]
    info.extra["expected_classes"] = {ALL_SPLITS: {"neutral": 1, "sadness": 3}}
    assert notes(info, kept, REJECTS) == ()
    info.extra["expected_classes"] = {ALL_SPLITS: {"neutral": 3, "sadness": 1}}
    assert "train, val and test: 3 neutral (found 1), 1 sadness (found 3)" in notes(info, kept, REJECTS)[0]


def test_rows_with_an_expression_are_counted_with_those_left_out_and_without_those_that_have_none():
    info = DataInfo("x", "X", "none", extra={"expected_expressions": {"train": 3, "test": 1}})
    records = [record for record in RECORDS if record.expression]
    rejects = [*REJECTS, Reject("f", "train", "", "labelled none")]
    kept = count_kept(records, rejects, ("neutral", "sadness"))
    assert notes(info, kept, rejects) == ()
    info.extra["expected_expressions"]["train"] = 4
    assert notes(info, kept, rejects) == ("X has 4 train rows with an expression as published; found 3",)


def test_classes_are_compared_where_there_are_as_many_rows_as_published():
    """With fewer rows their number is told; that the classes are fewer then says nothing more."""
    info = DataInfo("x", "X", "none", extra={"expected_classes": {"train": {"fear": 2, "anger": 1}}})
    kept = {"train": {"fear": 1, "anger": 1}}
    left_out = Reject("f", "train", "fear", "damaged")
    assert notes(info, kept, [left_out]) == notes(info, kept, []) == ()
    told = "published counts of X in train: 2 fear (found 1), 1 anger (found 2); check the order of its classes"
    assert notes(info, kept, [replace(left_out, expression="anger")]) == (told,)


def test_rows_with_a_score_are_not_called_unlabelled():
    assert count_kept([Record("a", "test", "", score=0.0)], [], ()) == {"test": {"scored": 1}}


def frames(split, video, subject, num_frames=3):
    return [Record(f"{video}/{i}", split, "", frame=i, video=video, subject=subject) for i in range(num_frames)]


FRAMES = [
    *frames("train", "a", "ann"),
    *frames("train", "b", "bob"),
    *frames("test", "c", "ann"),
    *frames("val", "d", "dee"),
]


def test_videos_are_counted_and_missing_ones_noted():
    info = DataInfo("x", "X", "none", extra={"expected_videos": {"train": 2, "val": 1, "test": 2}})
    gone = [Reject(f"d/{i}", "val", "", "no face found") for i in range(3)]
    told = notes(info, {}, gone, FRAMES)
    assert told[:3] == (
        "videos of which frames are kept: 2 train, 1 test",
        "X has 1 val videos as published; found 0",
        "X has 2 test videos as published; found 1",
    )


def test_videos_of_all_splits_are_counted_where_their_sum_is_published():
    for number, noted in ((4, False), (7, True)):
        info = DataInfo("x", "X", "none", extra={"expected_videos": {ALL_SPLITS: number}})
        expected = "X has 7 train, val and test videos as published; found 4"
        assert (expected in notes(info, {}, [], FRAMES)) == noted


def test_people_in_several_splits_are_named():
    info = DataInfo("x", "X", "none")
    assert notes(info, {}, [], FRAMES)[-1] == "1 of 3 subjects are in more than one split (train and test: ann)"
    many = [row for i in range(13) for split in ("train", "val") for row in frames(split, f"{split}{i}", f"{i:02d}", 1)]
    assert notes(info, {}, [], many)[-1].endswith("(train and val: 00, 01, 02, 03, 04, 05, 06, 07, 08, 09 and 3 more)")
    assert not any("subjects" in note for note in notes(info, {}, [], frames("train", "a", "ann")))


def test_rows_without_a_face_are_noted():
    info = DataInfo("x", "X", "none")
    assert notes(info, {}, [], [], 1200) == (
        "1,200 rows show no face that was found: the middle of the image is used instead",
    )


def test_rows_are_counted_by_group_of_people_where_any_row_names_one():
    people = [("20-39", "female"), ("0-3", "female"), ("20-39", None)]
    rows = [Record(str(i), "train", "x", age_group=age, gender=gender) for i, (age, gender) in enumerate(people)]
    told = notes(DataInfo("x", "X", "none"), {}, [Reject("1", "train", "", "no face found")], rows)
    assert told == ("age group: 2 20-39", "gender: 1 female, 1 unknown")
