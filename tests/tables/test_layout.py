import pytest

from fercli.tables.layout import Entry, layout, measured_text, number
from fercli.tables.table import Block, Cell, Column, Row, Table


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (Cell(85.314, sd=0.216, n=3), "85.31 ± 0.22 (3)"),
        (Cell(85.314), "85.31"),
        (Cell(88.07, sd=0.9), "88.07 ± 0.90"),
        (Cell(85.314, low=84.9, high=85.72), "85.31 [84.90, 85.72]"),
        (Cell(published=86.9), ""),
    ],
)
def test_measured_text_shows_what_the_cell_holds(cell, expected):
    assert measured_text(cell, decimals=2) == expected


def test_a_single_run_is_said_loudly_and_shows_no_spread(table):
    assert measured_text(Cell(85.3, sd=0.0, n=1), decimals=2) == "85.30 (n = 1)"
    assert any(note.startswith("n = 1: a single run") for note in layout(table).notes)


def test_no_single_run_no_warning():
    several = Table("t", [Column("a", "a")], [Block("", [Row("x", {"a": Cell(1.0, sd=0.1, n=2)})])])
    assert layout(several).notes == []


@pytest.mark.parametrize(
    ("value", "signed", "expected"),
    [
        (-1.594, True, "\N{MINUS SIGN}1.59"),
        (1.594, True, "+1.59"),
        (-0.001, True, "0.00"),
        (-0.001, False, "0.00"),
        (2.5, False, "2.50"),
    ],
)
def test_numbers_have_a_true_minus_and_no_negative_zero(value, signed, expected):
    assert number(value, 2, signed=signed) == expected


def test_a_column_opens_into_the_parts_that_its_cells_hold(table):
    assert [heading.text for heading in layout(table).headings] == [
        "method",
        "accuracy (%) measured",
        "accuracy (%) published",
        "accuracy (%) difference",
        "RMSE (points)",
        "verdict",
    ]


def test_best_and_second_are_ranked_within_the_block_by_the_direction_of_the_metric(table):
    (_, first), (_, second) = layout(table).blocks
    assert [[entry.rank for entry in line] for line in first] == [[0, 2, 2, 0, 2, 0], [0, 1, 1, 0, 1, 0]]
    assert [[entry.rank for entry in line] for line in second] == [[0, 0, 1, 0, 0, 0], [0, 0, 2, 0, 0, 0]]


def test_values_that_print_alike_share_a_rank():
    rows = [Row(name, {"a": Cell(value)}) for name, value in [("x", 97.171), ("y", 97.174), ("z", 97.15), ("w", 97.1)]]
    (_, lines), *_ = layout(Table("t", [Column("a", "a", higher_is_better=True)], [Block("", rows)])).blocks
    assert [line[1].rank for line in lines] == [1, 1, 2, 0]


def test_equal_footnotes_share_a_mark(table):
    grid = layout(table)
    _, lines = grid.blocks[1]
    assert lines[0][0] == Entry("DACL", ("a",))
    assert lines[0][1].marks == lines[1][2].marks == ("b",)
    assert grid.footnotes == [("a", "attention"), ("b", "others got 85.7 to 87.2")]


def test_footnote_marks_go_on_after_z():
    rows = [Row(f"row {i}", {}, notes=(f"note {i}",)) for i in range(28)]
    grid = layout(Table("t", [Column("a", "a")], [Block("", rows)]))
    assert [mark for mark, _ in grid.footnotes[25:]] == ["z", "aa", "ab"]


def test_difference_is_measured_minus_published():
    assert Cell(85.31, published=86.90).difference == -1.59
    assert Cell(85.31).difference is None
    assert Cell(published=86.90).difference is None
