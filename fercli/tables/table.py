"""A printed table as a value: columns, blocks of rows, cells that know their spread and their published counterpart.

    Table(
        title="RAF-DB",
        columns=[Column("accuracy", "accuracy", unit="%", higher_is_better=True)],
        blocks=[Block("7 classes, ImageNet weights", [
            Row("DDA loss", {"accuracy": Cell(85.31, sd=0.22, n=3, published=86.90)}),
        ])],
    )

prints `DDA loss | 85.31 ± 0.22 (3) | 86.90 | −1.59`: a renderer opens a column into measured, published and difference,
as far as its cells hold them. `fercli.tables.export.render` turns a table into any format.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Column:
    """One metric, or one column of words.

    Attributes:
        key: what `Row.cells` calls it.
        label: what the header calls it.
        unit: printed beside the label; values are given in it already (percent, not fractions).
        higher_is_better: which end is marked as best in each block; None marks nothing.
        decimals: digits after the point.
        is_probability: a value that would print as 0 prints as less than the smallest that would not.
    """

    key: str
    label: str
    unit: str = ""
    higher_is_better: bool | None = None
    decimals: int = 2
    is_probability: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What one row says in one column; all numbers in the column's unit, None where there is none.

    Attributes:
        value: measured, the mean over n runs.
        sd: standard deviation over the runs, with n - 1; ignored where n is 1, which has no spread.
        n: number of runs behind the value.
        low: lower end of an interval for the value.
        high: upper end of it.
        published: the same number as its source printed it.
        compares: whether measured and published are of one protocol; without, there is no difference.
        published_sd: the deviation that its source prints beside it.
        published_n: number of runs or splits behind the published number.
        decimals: digits after the point, where they are not those of the column.
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
        """Measured minus published, without the dust of floating point; None where the two do not compare."""
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
