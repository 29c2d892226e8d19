"""Rows of label files, and label rows in step with image files."""

import zipfile

import pytest

from fercli.datasets.readers.rows import Roll, csv_rows, image_names, named_rows
from fercli.datasets.source import Source
from fercli.errors import DataError
from fercli.records import Record


def written(tmp_path, data):
    (tmp_path / "x.csv").write_bytes(data)
    return Source(tmp_path)


def test_byte_order_mark_windows_line_ends_and_spaces_do_not_matter(tmp_path):
    source = written(tmp_path, b'\xef\xbb\xbf Image , Label\r\na.png, "x, y" \r\n\r\nb.png,z')
    assert list(named_rows(source, "x.csv", ["image", "label"])) == [
        (2, {"image": "a.png", "label": "x, y"}),
        (4, {"image": "b.png", "label": "z"}),
    ]


def test_a_row_with_too_few_or_too_many_cells_is_none(tmp_path):
    source = written(tmp_path, b"a,b\n1\n1,2\n1,2,3\n")
    assert [row for _, row in named_rows(source, "x.csv", ["a"])] == [None, {"a": "1", "b": "2"}, None]


def test_a_missing_column_is_named(tmp_path):
    with pytest.raises(DataError, match=r"expected the columns emotion in x\.csv of .*; found a, b"):
        list(named_rows(written(tmp_path, b"a,b\n"), "x.csv", ["a", "emotion"]))
    with pytest.raises(DataError, match="found an empty file"):
        list(named_rows(written(tmp_path, b""), "x.csv", ["a"]))


def test_what_is_no_utf8_text_is_said_with_its_line(tmp_path):
    with pytest.raises(DataError, match=r"of x\.csv .*expected a CSV in UTF-8"):
        list(csv_rows(written(tmp_path, "a,b\nfran\u00e7ois,1\n".encode("latin-1")), "x.csv"))


def test_a_damaged_csv_in_a_zip_is_said(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.csv", "a,b\n" * 5)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"a,b\na,b\n", b"a,b\na,c\n", 1))
    with pytest.raises(DataError, match=r"of x\.csv .*CRC"):
        list(csv_rows(Source(path), "x.csv"))


def test_images_are_told_by_their_suffix(tmp_path):
    for name in ("b.PNG", "a.jpeg", "notes.txt", "c.csv"):
        (tmp_path / name).touch()
    assert image_names(Source(tmp_path)) == ["a.jpeg", "b.PNG"]


def test_roll_finds_duplicates_missing_images_and_images_without_row(tmp_path):
    for name in ("1.png", "2.png", "3.png"):
        (tmp_path / name).touch()
    roll = Roll(Source(tmp_path), ["1.png", "2.png", "3.png"])
    entries = [
        roll.enter(Record(name, "train", image)) for name, image in [("a", "1.png"), ("a", "2.png"), ("b", "9.png")]
    ]
    assert isinstance(entries[0], Record)
    assert [(entry.id, entry.reason) for entry in entries[1:]] == [("a", "duplicate id"), ("b", "image file missing")]
    assert [(r.id, r.split, r.reason) for r in roll.without_row(str.upper)] == [
        ("3.png", "3.PNG", "image without label row")
    ]
