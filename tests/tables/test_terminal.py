import io

import pytest
from rich.console import Console

from fercli.published.comparison import comparison, numbers
from fercli.tables.layout import layout
from fercli.tables.table import Block, Cell, Column, Row, Table
from fercli.tables.terminal import TerminalTable, to_terminal


@pytest.fixture
def wordy() -> Table:
    row = Row("a method with a name that goes on", {"a": Cell(85.31, sd=0.22, n=3), "b": Cell(text="some words " * 8)})
    return Table("t", [Column("a", "accuracy"), Column("b", "remark")], [Block("", [row])])


@pytest.mark.parametrize("width", [60, 80, 120])
def test_words_wrap_and_numbers_stay_whole(wordy, width):
    text = to_terminal(wordy, width)
    assert "85.31 ± 0.22 (3)" in text
    assert max(map(len, text.splitlines())) <= width


def test_a_wide_terminal_wraps_nothing(wordy):
    assert len(to_terminal(wordy, 200).splitlines()) == 3


def test_square_brackets_in_words_are_printed_as_they_are():
    table = Table("[bold]t[/]", [Column("a", "[x]")], [Block("[red]", [Row("[/y]", {"a": Cell(text="[z]")})])])
    text = to_terminal(table)
    assert all(word in text for word in ("[bold]t[/]", "[x]", "[red]", "[/y]", "[z]"))


def test_best_is_bold_and_second_underlined(table):
    out = io.StringIO()
    Console(file=out, force_terminal=True, color_system="standard", width=120).print(TerminalTable(table))
    assert "\x1b[1m85.31 ± 0.22 (3)\x1b[0m" in out.getvalue()
    assert "\x1b[4m84.50 ± 0.30 (3)\x1b[0m" in out.getvalue()


def test_a_table_with_many_numbers_breaks_no_number_and_no_word_at_eighty_columns():
    """Intervals go to a second line, and where that does not suffice, spreads to a line of their own."""
    cells = {key: Cell(58.06, sd=0.88, n=2) for key in "abc"} | {"d": Cell(1.03, low=-12.09, high=14.16, n=2)}
    columns = [Column(key, "best on test") for key in "abcd"]
    text = to_terminal(Table("t", columns, [Block("", [Row("center loss", cells)])]), 66)
    assert max(map(len, text.splitlines())) <= 66
    words = text.split()
    assert (words.count("58.06"), words.count("0.88"), words.count("[\N{MINUS SIGN}12.09,")) == (3, 3, 1)
    assert {"center", "loss", "best", "test", "14.16]"} <= set(words)


def assert_whole(table: Table, width: int) -> None:
    """Assert that all words and numbers are printed whole, and that no line of several words passes the edge."""
    grid, text = layout(table), to_terminal(table, width)
    entries = [entry for _, lines in grid.blocks for line in lines for entry in line]
    titles = [grid.title, *grid.notes, *(title for title, _ in grid.blocks), *(text for _, text in grid.footnotes)]
    said = [*titles, *(entry.text for entry in entries), *(heading.text for heading in grid.headings)]
    assert {word for one in said for word in one.split()} <= set(text.split())
    assert all(len(line) <= width or len(line.split()) == 1 for line in text.splitlines())


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize(
    ("data", "metric"),
    [*((data, "accuracy") for data in ("ferplus", "rafdb", "affectnet", "caer")), ("avec2014", "mae")],
)
def test_comparisons_keep_every_word_and_number_whole(tmp_path, data, metric, width):
    found = numbers(data, metric, runs=tmp_path)
    for one_line in (True, False):
        assert_whole(comparison(found, one_line=one_line), width)


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("num_columns", [1, 4, 12])
def test_a_table_of_any_number_of_columns_goes_on_below_itself(table, num_columns, width):
    one = Cell(12345.06, sd=0.88, low=-12.1, high=60.25, n=3, notes=("a footnote",))
    cells = {str(i): one for i in range(num_columns)}
    columns = [Column(key, f"mean class accuracy of column {key}", unit="%") for key in cells]
    rows = [Row("softmax_synthetic_resnet18", cells), Row("a label with some words that wrap", cells)]
    title = "a title of a block which is long enough to need two lines in a terminal of eighty columns, and more"
    assert_whole(Table("a table", columns, [Block(title, rows)], notes=[f"see runs/{'x' * 130}/seed0 for more"]), width)
    assert_whole(table, width)
