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
    with pytest.raises(DataError, match=r"expected the columns emotion in x\.csv in .*; found a, b"):
        list(named_rows(written(tmp_path, b"a,b\n"), "x.csv", ["a", "emotion"]))
    with pytest.raises(DataError, match="found an empty file"):
        list(named_rows(written(tmp_path, b""), "x.csv", ["a"]))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("above", ["", "sep={}\n", "\n"])
def test_encodings_and_separators_of_spreadsheets(tmp_path, encoding, mark, above):
    text = f'{above.format(mark)}image{mark}note\nfran\u00e7ois.png{mark}"a,b;c"\n{mark}\n\n'
    source = written(tmp_path, text.encode(encoding))
    rows = list(named_rows(source, "x.csv", ["image"]))
    assert rows == [(2 + bool(above), {"image": "fran\u00e7ois.png", "note": "a,b;c"})]
    assert bool(source.remarks) == (encoding == "latin-1")


def test_a_column_twice_is_an_error_that_names_it(tmp_path):
    with pytest.raises(DataError, match=r"expected each column once .* found b more than once"):
        list(named_rows(written(tmp_path, b"a,b,B\n1,2,3\n"), "x.csv", ["a"]))


def test_every_line_that_a_stray_quote_swallows_is_counted(tmp_path):
    rows = list(named_rows(written(tmp_path, b'a,b\n1,2\n3,"4\n5,6\n7,8\n9",0\n1,2\n'), "x.csv", ["a"]))
    assert rows == [(2, {"a": "1", "b": "2"}), *((line, None) for line in (3, 4, 5, 6)), (7, {"a": "1", "b": "2"})]


@pytest.mark.parametrize(
    ("written_as", "file"),
    [
        ("faces\\a.png", "faces/a.png"),
        ("./faces/a.png", "faces/a.png"),
        ("faces/a b.PNG", "faces/a b.png"),
        ("faces/a%20b.png", "faces/a b.png"),
        ("Rene\u0301.png", "Ren\u00e9.png"),
        ("Ren\u00e9.png", "Rene\u0301.png"),
    ],
)
def test_names_that_differ_in_form_only_are_joined_and_counted(tmp_path, written_as, file):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    source = Source(tmp_path)
    found = Roll(source, [file]).enter(Record("a", "train", written_as))
    assert isinstance(found, Record)
    assert found.image == file
    assert list(source.tally.values()) == [(1, f"{written_as} for {file}")]


def test_names_that_share_their_form_are_not_guessed(tmp_path):
    for name in ("a.png", "A.png"):
        (tmp_path / name).touch()
    assert Roll(Source(tmp_path)).enter(Record("x", "train", "a.PNG")).reason == "image file missing"


def test_a_damaged_csv_in_a_zip_is_said(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.csv", "a,b\n" * 5)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"a,b\na,b\n", b"a,b\na,c\n", 1))
    with pytest.raises(DataError, match=r"x\.csv in .*CRC"):
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
