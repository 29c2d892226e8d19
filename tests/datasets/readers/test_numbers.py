"""Numbers in cells that people and programs wrote."""

import math

import pytest

from fercli.datasets.readers.numbers import number, number_or_nan, whole_number


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0.5", 0.5),
        ("0,5", 0.5),
        ("-0,5", -0.5),
        (",5", 0.5),
        ("5.", 5.0),
        (' "0,5" ', 0.5),
        ("'1e-3'", 0.001),
        ("1,5E2", 150.0),
        ("+3", 3.0),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
    ],
)
def test_a_number_however_it_is_written(cell, value):
    assert number(cell) == value


def test_a_word_for_no_number_is_one():
    assert math.isnan(number("NaN"))


@pytest.mark.parametrize(
    "cell", ["", " ", "fear", "1,234.5", "1.234,5", "1 234", "1_000", "0x10", "٣", "½", "1e", "--1"]
)
def test_what_can_be_read_in_two_ways_or_in_none_is_refused(cell):
    with pytest.raises(ValueError, match="expected a number, found"):
        number(cell)


@pytest.mark.parametrize(("cell", "value"), [("3", 3), ("3.0", 3), ("3,00", 3), ("'007'", 7), ("3.", 3), ("0", 0)])
def test_whole_numbers_as_tables_write_them_again(cell, value):
    assert whole_number(cell) == value


@pytest.mark.parametrize("cell", ["", "-1", "+1", "3.5", "1e3", "nan", "1_0", "٣", "1" * 16, "3.0.0"])
def test_what_is_no_whole_number_is_none(cell):
    assert whole_number(cell) is None


def test_a_cell_without_a_number_is_not_a_number():
    assert [number_or_nan(cell) for cell in ("0,5", "-2")] == [0.5, -2]
    assert all(math.isnan(number_or_nan(cell)) for cell in ("x", "", "1_000"))
