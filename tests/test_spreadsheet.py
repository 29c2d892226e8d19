import csv
import io

import pytest

from fercli.spreadsheet import SpreadsheetWriter, plain_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@SUM(A1)", "\t=1"])
def test_no_text_of_data_is_a_formula(text):
    stream = io.StringIO()
    SpreadsheetWriter(stream, ["class", text]).write([{"class": text, text: text}])
    rows = list(csv.reader(io.StringIO(stream.getvalue(), newline="")))
    assert rows == [["class", f"'{text}"], [f"'{text}", f"'{text}"]]


def test_a_carriage_return_ends_no_line():
    assert plain_cell("a\r=1") == r"a\r=1"


@pytest.mark.parametrize("value", ["fear", "", -0.5, None, 3])
def test_all_else_stays_as_it_is(value):
    assert plain_cell(value) is value
