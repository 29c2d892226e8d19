"""RAF-DB with aligned and original images, and what is wrong in it."""

import numpy as np
import pytest

from fercli.datasets.readers.rafdb import RAFDB
from fercli.errors import ConfigError, DataError
from tests.corpora.layouts import five_points, write_rafdb

LAYOUTS = {"rafdb": (RAFDB("original"), write_rafdb)}


def labels(tmp_path):
    return tmp_path / "basic" / "EmoLabel" / "list_patition_label.txt"


@pytest.mark.parametrize("images", ["aligned", "original"])
@pytest.mark.parametrize("root", ["basic", "."])
def test_every_label_comes_back(tmp_path, seven, images, root, reading):
    written = write_rafdb(tmp_path, seven, root)
    read = reading(RAFDB(images), tmp_path)
    assert {name: (r.split, r.expression) for name, r in read.records.items()} == {
        item.id: (item.split, item.face.expression) for item in written
    }
    assert not read.rejects
    assert {item.split for item in written} == {"train", "test"}


def test_landmarks_belong_to_the_original_images(tmp_path, seven, reading):
    written = write_rafdb(tmp_path, seven)
    assert all(record.landmarks is None for record in reading(RAFDB(), tmp_path).records.values())
    original = reading(RAFDB("original"), tmp_path).records
    for item in written:
        np.testing.assert_allclose(original[item.id].landmarks, five_points(item.face), atol=1e-6)


@pytest.mark.parametrize("images", ["aligned", "original"])
def test_gender_race_and_age_group_come_back(tmp_path, seven, images, reading):
    written = write_rafdb(tmp_path, seven)
    records = reading(RAFDB(images), tmp_path).records
    for number, item in enumerate(written, start=1):
        record, age = records[item.id], item.face.age
        assert record.gender == ("male", "female", "unsure")[number % 3]
        assert record.race == ("Caucasian", "African-American", "Asian")[number // 3 % 3]
        groups = {"0-3": age < 4, "4-19": 4 <= age < 20, "20-39": 20 <= age < 40, "40-69": 40 <= age < 70}
        assert record.age_group == next((name for name, is_in in groups.items() if is_in), "70+")
    assert len({record.age_group for record in records.values()}) > 2
    assert all(record.age is None for record in records.values())  # a group is no age in years


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, (None, None, None)),
        ("", (None, None, None)),
        ("1 2\n" * 5 + "2\r\n1\r\n4\r\n", ("unsure", "African-American", "70+")),
        ("1 2\n" * 5 + "1\n", ("female", None, None)),
        ("1 2\n" * 5 + "3\n-1\nold\n", (None, None, None)),
        ("1 2\n" * 5 + "0\n\n2\n", ("male", None, "20-39")),
    ],
)
def test_attributes_that_a_file_does_not_give_are_unknown(tmp_path, seven, reading, text, found):
    first = write_rafdb(tmp_path, seven)[0]
    file = tmp_path / "basic" / "Annotation" / "manual" / f"{first.id}_manu_attri.txt"
    file.unlink() if text is None else file.write_bytes(text.encode())
    read = reading(RAFDB(), tmp_path)
    record = read.records[first.id]
    assert (record.gender, record.race, record.age_group) == found
    assert not read.rejects


def test_a_zip_unpacked_into_a_folder_of_its_own_name(tmp_path, seven, reading):
    write_rafdb(tmp_path, seven)
    aligned = tmp_path / "basic" / "Image" / "aligned"
    (tmp_path / "moving").mkdir()
    aligned.rename(tmp_path / "moving" / "aligned")
    (tmp_path / "moving").rename(aligned)
    assert len(reading(RAFDB(), tmp_path).records) == len(seven)


def test_annotations_are_optional_and_read_with_care(tmp_path, seven, reading):
    first, second, *_ = write_rafdb(tmp_path, seven)
    manual = tmp_path / "basic" / "Annotation" / "manual"
    (manual / f"{first.id}_manu_attri.txt").unlink()
    (manual / f"{second.id}_manu_attri.txt").write_text("1 2\n3\n")
    read = reading(RAFDB("original"), tmp_path)
    assert read.records[first.id].landmarks is None
    assert read.rejects[second.id].reason == "malformed row"
    assert len(read.rejects) == 1


def test_damage_is_counted(tmp_path, seven, reading):
    written = write_rafdb(tmp_path, seven[:3])
    aligned = tmp_path / "basic" / "Image" / "aligned"
    for name in ("train_90001", "train_90002", "other_1", "test_90003"):
        (aligned / f"{name}_aligned.jpg").touch()
    with labels(tmp_path).open("a") as stream:
        stream.write(f"{written[0].id}.jpg 1\ntrain_90001.jpg 8\ntrain_90002.jpg\nother_1.jpg 1\ntrain_90009.jpg 1\n")
    rejects = reading(RAFDB(), tmp_path).rejects
    assert {name: (r.split, r.reason) for name, r in rejects.items()} == {
        written[0].id: ("train", "duplicate id"),
        "train_90001": ("train", "unknown label"),
        "train_90002": ("train", "malformed row"),
        "other_1": ("", "unknown split"),
        "train_90009": ("train", "image file missing"),
        "Image/aligned/test_90003_aligned.jpg": ("test", "image without label row"),
    }


def test_windows_line_ends_and_byte_order_mark(tmp_path, seven, reading):
    write_rafdb(tmp_path, seven)
    file = labels(tmp_path)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert len(reading(RAFDB(), tmp_path).records) == len(seven)


def test_what_is_missing_is_named(tmp_path, seven, reading):
    with pytest.raises(DataError, match=r"expected EmoLabel/list_patition_label\.txt or basic/EmoLabel"):
        reading(RAFDB(), tmp_path)
    write_rafdb(tmp_path, seven)
    (tmp_path / "basic" / "Image" / "aligned").rename(tmp_path / "elsewhere")
    with pytest.raises(DataError, match=r"expected images in basic/Image/aligned/ .* \(unpack aligned\.zip"):
        reading(RAFDB(), tmp_path)


def test_options_are_checked():
    with pytest.raises(ConfigError, match="did you mean 'aligned'"):
        RAFDB("align")


def test_expected_counts_are_those_of_the_release():
    extra = RAFDB().info.extra
    assert extra["expected_counts"] == {"train": 12271, "test": 3068}
    classes = extra["expected_classes"]
    assert {split: sum(counts.values()) for split, counts in classes.items()} == extra["expected_counts"]
    assert classes["test"]["happiness"] / 3068 == pytest.approx(0.386245110821, abs=1e-12)
    assert (classes["train"]["fear"], classes["train"]["disgust"], classes["train"]["anger"]) == (281, 717, 705)
