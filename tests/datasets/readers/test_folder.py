"""Images sorted into folders, with splits and without."""

from collections import Counter

import pytest

from fercli.datasets.readers.folder import Folder
from fercli.errors import DataError
from tests.corpora.layouts import write_folder

LAYOUTS = {}  # the folder of an image is its label


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_every_label_comes_back(tmp_path, eight, reading):
    written = write_folder(tmp_path, eight)
    read = reading(Folder(), tmp_path)
    assert {name: (r.split, r.expression, r.image) for name, r in read.records.items()} == {
        item.id: (item.split, item.face.expression, item.id) for item in written
    }
    assert not read.rejects
    assert {item.split for item in written} == {"train", "val", "test"}


def test_splits_are_drawn_where_there_are_none(tmp_path, reading):
    touch(tmp_path, *(f"{word}/{i}.png" for word in ("Happy", "sad", "Bored") for i in range(20)))
    records = reading(Folder(seed=3), tmp_path).records
    counts = Counter((record.expression, record.split) for record in records.values())
    shares = {"train": 14, "val": 2, "test": 4}
    assert counts == {(name, split): n for name in ("happiness", "sadness", "Bored") for split, n in shares.items()}
    again = reading(Folder(seed=3), tmp_path).records
    assert {name: r.split for name, r in again.items()} == {name: r.split for name, r in records.items()}


def test_words_for_splits_in_any_case(tmp_path, reading):
    touch(tmp_path, "TRAINING/a/1.jpg", "valid/a/2.jpg", "Test/b/deep/3.jpg")
    read = reading(Folder(), tmp_path)
    assert [(r.split, r.expression) for r in read.records.values()] == [("train", "a"), ("test", "b"), ("val", "a")]


def test_what_fits_nowhere_is_counted(tmp_path, reading):
    touch(tmp_path, "train/a/1.jpg", "train/2.jpg", "extra/a/3.jpg", "4.jpg", "train/a/notes.txt")
    read = reading(Folder(), tmp_path)
    assert list(read.records) == ["train/a/1.jpg"]
    assert {name: reject.reason for name, reject in read.rejects.items()} == {
        "train/2.jpg": "no class folder",
        "extra/a/3.jpg": "unknown split",
        "4.jpg": "unknown split",
    }


def test_a_folder_without_images_is_an_error(tmp_path, reading):
    touch(tmp_path, "notes.txt")
    with pytest.raises(DataError, match="expected images <split>/<class>/<image>"):
        reading(Folder(), tmp_path)


def test_classes_are_renamed_or_left_out(tmp_path, reading):
    for name in ("train/Pain/1.png", "train/PAIN/2.png", "test/None/3.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    read = reading(Folder(relabel={"PAIN": "Pain", "None": None}), tmp_path)
    assert {record.expression for record in read.records.values()} == {"Pain"}
    assert read.reasons == {"class left out": 1}


def test_folders_of_splits_too_deep_are_no_class(tmp_path, reading):
    for name in ("archive/train/happy/1.png", "readme/logo.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(DataError, match=r"one folder too deep: give raw=.*archive"):
        reading(Folder(), tmp_path)


@pytest.mark.parametrize(
    ("name", "told"),
    [("happy/a.mp4", r"found none, but videos\. .*data=table"), ("a.parquet", "but parquet files"), ("a.txt", "none$")],
)
def test_a_folder_without_images_says_what_to_do_with_what_it_holds(tmp_path, name, told, reading):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    with pytest.raises(DataError, match=told):
        reading(Folder(), tmp_path)
