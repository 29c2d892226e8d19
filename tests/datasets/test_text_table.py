import pytest

from fercli.datasets.text_table import numbers_of, text_table

ROWS = [["name", "share", "note"], ["Jürgen", "0,5", "a"], ["b", "", ""]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize(("mark", "above"), [(";", ""), ("\t", ""), (";", "sep=;\r\n")])
def test_tables_of_spreadsheets_are_read(encoding, mark, above):
    text = above + "\r\n".join(f" {mark} ".join(row) for row in ROWS)
    frame = text_table(text.encode(encoding))
    assert [list(frame), *frame.to_numpy().tolist()] == ROWS
    assert numbers_of(frame["share"]).fillna(-1).tolist() == [0.5, -1]


def test_a_short_line_lacks_cells():
    frame = text_table(b"source,alert,start\nb.mp4\n")
    assert frame.to_numpy().tolist() == [["b.mp4", "", ""]]


def test_commas_within_quotes_are_decimal():
    assert numbers_of(text_table(b'id,score\n1,"0,25"\n2,x\n')["score"]).fillna(-1).tolist() == [0.25, -1]
