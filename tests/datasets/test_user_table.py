import pytest

from fercli.datasets.user_table import read_user_table
from fercli.errors import DataError

ROWS = [["name", "share", "note"], ["Jürgen", "0,5", "a"], ["b", "", ""]]


@pytest.fixture
def read(tmp_path):
    def write_and_read(content, encoding="utf-8", names=()):
        (tmp_path / "table.csv").write_bytes(content.encode(encoding))
        return read_user_table(tmp_path / "table.csv", "shares", names)

    return write_and_read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize(("mark", "above"), [(";", ""), ("\t", ""), (";", "sep=;\r\n")])
def test_tables_of_spreadsheets_are_read(read, encoding, mark, above):
    frame = read(above + "\r\n".join(f" {mark} ".join(row) for row in ROWS), encoding).frame
    assert [list(frame), *frame.to_numpy().tolist()] == ROWS


def test_a_short_line_lacks_cells_and_a_separator_at_the_end_of_lines_is_none(read):
    assert read("source,alert,start\nb.mp4\n").frame.to_numpy().tolist() == [["b.mp4", "", ""]]
    assert read("id,share,\n1,2,\n").frame.to_numpy().tolist() == [["1", "2"]]


def test_a_line_with_more_cells_than_the_header_is_named(read, tmp_path):
    table = read("id,share\n1,2\n1,2,3\n")
    assert (table.odd_lines, len(table.frame)) == ((3,), 1)
    with pytest.raises(DataError, match="as in its header; line 3 has more"):
        table.require_whole_lines(tmp_path / "table.csv")


def test_a_comma_within_quotes_is_none_between_cells(read):
    assert read('id,score\n1,"0,25"\n').frame.to_numpy().tolist() == [["1", "0,25"]]


def test_known_names_may_have_capitals_but_stand_once(read):
    assert list(read("ID,Share\n1,2\n", names=["id"]).frame) == ["id", "Share"]
    with pytest.raises(DataError, match=r"expected each column once in .*; found id more than once"):
        read("ID,id\n1,2\n", names=["id"])
