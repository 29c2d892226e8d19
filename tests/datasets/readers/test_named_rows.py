import pytest

from fercli.datasets.readers.named_rows import named_rows
from fercli.datasets.source import Source
from fercli.errors import DataError


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
