"""A table to print: columns, blocks of rows, and cells with their spread and their published number.

    Table(
        title="RAF-DB",
        columns=[Column("accuracy", "accuracy", unit="%", higher_is_better=True)],
        blocks=[Block("7 classes, ImageNet weights", [
            Row("DDA loss", {"accuracy": Cell(85.31, sd=0.22, n=3, published=86.90)}),
        ])],
    )

prints `DDA loss | 85.31 ± 0.22 (3) | 86.90 | −1.59`: a renderer splits a column into measured, published and
difference, if its cells have them. `fercli.tables.export.render` turns a table into any format.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Column:
    """One metric, or one column of words.

    Attributes:
        key: its key in `Row.cells`.
        label: its name in the header.
        unit: printed beside the label; values are already in this unit (percent, not fractions).
        higher_is_better: whether the highest or the lowest value of each block is marked as best; None marks nothing.
        decimals: digits after the point.
        is_probability: whether a value that would print as 0 prints as, for example, `< 0.001`.
    """

    key: str
    label: str
    unit: str = ""
    higher_is_better: bool | None = None
    decimals: int = 2
    is_probability: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """The content of one row in one column; all numbers are in the column's unit, None where missing.

    Attributes:
        value: measured value, the mean over n runs.
        sd: standard deviation over the runs, with n - 1; ignored where n is 1, since one run has no spread.
        n: number of runs behind the value.
        low: lower end of an interval for the value.
        high: upper end of this interval.
        published: the number that the source printed.
        compares: whether measured and published number may be subtracted; if not, no difference is printed.
        published_sd: the standard deviation that the source prints beside its number.
        published_n: number of runs or splits behind the published number.
        decimals: digits after the point; None for those of the column.
        text: words, for a column of words, or why there is no number.
        notes: footnotes; equal texts share one mark.
        sources: run folders and published tables that the numbers come from; CSV and JSON list them.
    """

    value: float | None = None
    sd: float | None = None
    n: int | None = None
    low: float | None = None
    high: float | None = None
    published: float | None = None
    compares: bool = True
    published_sd: float | None = None
    published_n: int | None = None
    decimals: int | None = None
    text: str = ""
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def difference(self) -> float | None:
        """Measured minus published, without rounding errors; None if a number is missing or they are not comparable."""
        if self.value is None or self.published is None or not self.compares:
            return None
        return round(self.value - self.published, 10)


@dataclass(frozen=True, slots=True)
class Row:
    """A label and its cells by column key; a missing key prints as a dash. `notes` are footnotes to the label."""

    label: str
    cells: Mapping[str, Cell]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that may be compared with each other: best and second best are marked within a block only."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Table:
    """A table to print.

    Attributes:
        label: header of the first column.
        notes: sentences below the table, after the footnotes.
    """

    title: str
    columns: Sequence[Column]
    blocks: Sequence[Block]
    label: str = "method"
    notes: Sequence[str] = field(default_factory=tuple)
