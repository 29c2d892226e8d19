"""Convert a `Table` to the grid of strings that every printed format shares."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from fercli.errors import printable_lines
from fercli.tables.table import Block, Cell, Column, Row, Table

MEASURED, PUBLISHED, DIFFERENCE, TEXT = "measured", "published", "difference", ""
SINGLE_RUN = "n = 1: a single run, its spread is unknown; no claim can rest on it."


@dataclass(frozen=True, slots=True)
class Entry:
    """One printed cell: its text, footnote marks, and rank in its block (1 best, 2 second, 0 otherwise)."""

    text: str
    marks: tuple[str, ...] = ()
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Heading:
    """Header of one printed column: the column's label with its unit, and the part (measured, published, ...)."""

    label: str
    part: str
    align: Literal["left", "right"]

    @property
    def text(self) -> str:
        """Label and part on one line."""
        return f"{self.label} {self.part}".strip()


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as strings: `blocks` hold a title and lines of entries, one per heading; footnotes are (mark, text)."""

    title: str
    headings: list[Heading]
    blocks: list[tuple[str, list[list[Entry]]]]
    footnotes: list[tuple[str, str]]
    notes: list[str]


def number(value: float, decimals: int, signed: bool = False) -> str:
    """Format a number: a true minus sign, commas between thousands, no sign before zero.

    Examples:
        >>> number(-1.594, 2, signed=True), number(0.5, 1, signed=True), number(-0.001, 2, signed=True)
        ('−1.59', '+0.5', '0.00')
    """
    if math.isnan(value):
        return "nan"
    rounded = round(value, decimals) or 0.0  # no negative zero
    text = f"{rounded:+,.{decimals}f}" if signed and rounded else f"{rounded:,.{decimals}f}"
    return text.replace("-", "\N{MINUS SIGN}")


def measured_text(cell: Cell, decimals: int) -> str:
    """Return text like `85.31 ± 0.22 (3) [84.90, 85.72]`, with the parts that a cell has; one run: `85.31 (n = 1)`."""
    if cell.value is None:
        return ""
    parts = [number(cell.value, decimals)]
    if cell.sd is not None and cell.n != 1:
        parts.append(f"± {number(cell.sd, decimals)}")
    if cell.n is not None:
        parts.append("(n = 1)" if cell.n == 1 else f"({cell.n})")
    if cell.low is not None and cell.high is not None:
        parts.append(f"[{number(cell.low, decimals)}, {number(cell.high, decimals)}]")
    return " ".join(parts)


def published_text(cell: Cell, decimals: int) -> str:
    """Return text like `84.99 ± 0.37 (5)`, with the parts that the source prints; empty without a number."""
    if cell.published is None:
        return ""
    parts = [number(cell.published, decimals)]
    parts += [f"± {number(cell.published_sd, decimals)}"] if cell.published_sd is not None else []
    parts += [f"({cell.published_n})"] if cell.published_n is not None else []
    return " ".join(parts)


def layout(table: Table) -> Grid:
    """Return the printed form of a table, without any markup; control characters in text from data are escaped."""
    cells = [row.cells.get(column.key, Cell()) for column in table.columns for row in _rows(table)]
    marks = _Marks()
    parts = [(column, part) for column in table.columns for part in _parts(column, table)]
    headings = [Heading(printable_lines(table.label), "", "left")]
    headings += [_heading(column, part, alone=len(_parts(column, table)) == 1) for column, part in parts]
    blocks = [(printable_lines(block.title), _lines(block, parts, marks)) for block in table.blocks]
    notes = [SINGLE_RUN] if any(cell.n == 1 for cell in cells) else []
    footnotes = [(mark, printable_lines(text)) for mark, text in marks.footnotes]
    return Grid(printable_lines(table.title), headings, blocks, footnotes, [*notes, *map(printable_lines, table.notes)])


def _heading(column: Column, part: str, alone: bool) -> Heading:
    """Return the heading of a part; a column with only measured numbers does not name the part."""
    label = f"{column.label} ({column.unit})" if column.unit else column.label
    said = "" if alone and part == MEASURED else part
    return Heading(printable_lines(label), said, "left" if part == TEXT else "right")


def _rows(table: Table) -> Iterable[Row]:
    return (row for block in table.blocks for row in block.rows)


def _parts(column: Column, table: Table) -> list[str]:
    """Return the parts of a column that some cell has; a column without numbers is a column of words."""
    cells = [row.cells.get(column.key, Cell()) for row in _rows(table)]
    parts = [MEASURED] if any(cell.value is not None for cell in cells) else []
    parts += [PUBLISHED] if any(cell.published is not None for cell in cells) else []
    parts += [DIFFERENCE] if any(cell.difference is not None for cell in cells) else []
    return parts or [TEXT]


def _lines(block: Block, parts: list[tuple[Column, str]], marks: "_Marks") -> list[list[Entry]]:
    ranks = {(column.key, part): _ranks(block, column, part) for column, part in parts}
    lines = []
    for i, row in enumerate(block.rows):
        line = [Entry(printable_lines(row.label), marks.of(row.notes))]
        noted = set()
        for column, part in parts:
            cell = row.cells.get(column.key, Cell())
            text = _text(cell, column, part)
            first = column.key not in noted and bool(text)
            noted |= {column.key} if first else set()
            line.append(
                Entry(
                    printable_lines(text) or "\N{EN DASH}",
                    marks.of(cell.notes) if first else (),
                    ranks[column.key, part][i],
                )
            )
        lines.append(line)
    return lines


def _text(cell: Cell, column: Column, part: str) -> str:
    decimals = column.decimals if cell.decimals is None else cell.decimals
    if part == PUBLISHED:
        return published_text(cell, decimals)
    if part == DIFFERENCE:
        return "" if cell.difference is None else number(cell.difference, decimals, signed=True)
    if column.is_probability and cell.value is not None and round(cell.value, decimals) == 0:
        return f"< {10**-decimals:.{decimals}f}"
    return measured_text(cell, decimals) or cell.text


def _ranks(block: Block, column: Column, part: str) -> list[int]:
    """Rank the values of a block: 1 for the best printed value, 2 for the second; equal printed values share a rank."""
    if column.higher_is_better is None or part not in (MEASURED, PUBLISHED):
        return [0] * len(block.rows)
    cells = [row.cells.get(column.key, Cell()) for row in block.rows]
    values = [cell.value if part == MEASURED else cell.published for cell in cells]
    printed = [None if v is None or math.isnan(v) else round(v, column.decimals) for v in values]
    order = sorted({value for value in printed if value is not None}, reverse=column.higher_is_better)
    if len(order) < 2:
        return [0] * len(block.rows)
    return [order.index(value) + 1 if value in order[:2] else 0 for value in printed]


class _Marks:
    """Hands out footnote marks a, b, ..., z, aa, ...; the same text gets the same mark."""

    def __init__(self) -> None:
        self._mark: dict[str, str] = {}

    def of(self, notes: Iterable[str]) -> tuple[str, ...]:
        marks = [self._mark.setdefault(note, _letters(len(self._mark))) for note in notes]
        return tuple(sorted(marks, key=lambda mark: (len(mark), mark)))

    @property
    def footnotes(self) -> list[tuple[str, str]]:
        return [(mark, text) for text, mark in self._mark.items()]


def _letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(ord("a") + digit) + letters
    return letters
