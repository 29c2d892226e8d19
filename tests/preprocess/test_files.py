import numpy as np

from fercli.datasets.source import Source
from fercli.datasets.twins import pairs_table
from fercli.preprocess.files import Counted, listed_once, repeated_images, unread_files
from fercli.records import Record, Reject


def test_images_and_videos_that_no_row_names_are_counted_by_suffix(tmp_path):
    for name in ("a.png", "b.png", "c.PNG", "d.GIF", "e.mp4", "f.txt"):
        (tmp_path / name).write_bytes(b"")
    rejects = [Reject("row 2", "train", "", "no label", file="b.png"), Reject("d.GIF", "", "", "no class folder")]
    found = unread_files(Source(tmp_path), [Record("1", "train", "a.png")], rejects)
    assert found == {".mp4": Counted(1, "e.mp4"), ".png": Counted(1, "c.PNG")}


def once(*records):
    return [row.id for row in listed_once(records) if isinstance(row, Record)]


def test_a_file_listed_twice_with_the_same_labels_is_one_sample():
    twice = [Record(name, "train", "a.png", expression="anger", landmarks=np.ones((5, 2))) for name in ("1", "2")]
    rows = list(listed_once(twice))
    assert rows[0] == twice[0]
    assert isinstance(rows[1], Reject)
    assert (rows[1].id, rows[1].reason, rows[1].detail) == ("2", "file listed twice", "kept as 1")


def test_of_several_splits_the_row_that_is_tested_on_is_kept():
    assert once(*(Record(split, split, "a.png") for split in ("train", "test", "val"))) == ["test"]


def test_rows_that_say_something_else_of_a_file_and_frames_of_a_video_are_all_kept():
    faces = [Record(str(i), "train", "a.png", box=(i, 0, 9, 9)) for i in range(2)]
    frames = [Record(f"f{i}", "train", "a.mp4", frame=i) for i in range(2)]
    pixels = [Record(f"p{i}", "train", np.zeros((2, 2), np.uint8)) for i in range(2)]
    assert once(*faces, *frames, *pixels) == ["0", "1", "f0", "f1", "p0", "p1"]


def test_rows_with_the_same_image_are_counted_by_the_splits_of_both():
    twins = [("a", "b", "train", "train"), ("a", "e", "train", "test"), ("c", "f", "train", "test")]
    pairs = pairs_table([(*twin, "equal pixels", 1.0, False, 0.0, 0.0) for twin in twins])
    assert repeated_images(pairs) == {
        ("train", "train"): Counted(1, "a and b"),
        ("train", "test"): Counted(2, "a and e"),
    }
