"""HTML pages: each is one file that loads nothing else."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from fercli.errors import printable_lines
from fercli.figures.figure import NamedFigure, figure_bytes
from fercli.files import write_text
from fercli.tables.layout import layout, number
from fercli.tables.table import Cell, Column, Table

CSS_PIXELS_PER_INCH = 96
WIDE = 8.0  # inches

_TEMPLATES = Environment(
    loader=PackageLoader("fercli.pages"),
    autoescape=True,
    finalize=lambda value: printable_lines(value) if isinstance(value, str) else value,  # escapes marks of direction
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class LinkTable:
    """Rows of texts, each with the relative address that it links to, or `""`: `("seed 0", "../a/seed0")`."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[tuple[str, str]]]


def write_run_report(
    path: Path,
    title: str,
    facts: Mapping[str, str],
    metrics: Table,
    per_class: Table | None,
    figures: Sequence[NamedFigure],
    notes: Sequence[str] = (),
) -> None:
    """Write the page of one run.

    Args:
        path: file to write; an older file is replaced.
        title: such as `DDA loss on FER+`.
        facts: facts about the run: label to value, in the order shown.
        metrics: from `tables.metrics_table`; each row becomes a tile.
        per_class: from `tables.per_class_table`; None where no classes were predicted.
        figures: in the order shown.
        notes: sentences that a reader of the numbers must know, shown first.
    """
    (column,) = metrics.columns
    tiles = [
        (f"{row.label} {block.title}".strip(), *_tile(row.cells[column.key], column))
        for block in metrics.blocks
        for row in block.rows
    ]
    tables = [per_class] if per_class else []
    write_page(path, title, notes=notes, tiles=tiles, facts=facts, tables=tables, figures={"": figures})


def write_page(
    path: Path,
    title: str,
    notes: Sequence[str] = (),
    tiles: Sequence[tuple[str, str, str]] = (),
    facts: Mapping[str, str] | None = None,
    tables: Sequence[Table] = (),
    figures: Mapping[str, Sequence[NamedFigure]] | None = None,
    below: Sequence[Table] = (),
    statement: Mapping[str, str] | None = None,
    links: Sequence[LinkTable] = (),
) -> None:
    """Write a page, with its parts in the order of the arguments; empty parts are left out.

    Args:
        path: file to write; an older file is replaced.
        title: of the page.
        notes: sentences that a reader of the numbers must know.
        tiles: label, value and interval of single numbers.
        facts: label to a value of a few words.
        tables: the results.
        figures: heading to figures.
        below: tables on how certain the results are.
        statement: label to a sentence of the protocol.
        links: where the numbers come from.
    """
    shown = {heading: [_figure(drawn) for drawn in found] for heading, found in (figures or {}).items()}
    page = _TEMPLATES.get_template("page.html").render(
        title=title,
        notes=notes,
        tiles=tiles,
        facts=facts or {},
        grids=[layout(table) for table in tables],
        figures={heading: found for heading, found in shown.items() if found},
        below=[layout(table) for table in below],
        statement=statement or {},
        links=[table for table in links if table.rows],
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, page)


def _figure(drawn: NamedFigure) -> dict[str, Any]:
    """Return a figure for the template: shown at most a quarter larger than drawn; a wide figure has its own line."""
    width = drawn.figure.get_figwidth()
    data = base64.b64encode(figure_bytes(drawn.figure, "svg")).decode()
    pixels = round(width * CSS_PIXELS_PER_INCH * 1.25)
    return {"caption": drawn.caption, "data": data, "pixels": pixels, "wide": width > WIDE}


def _tile(cell: Cell, column: Column) -> tuple[str, str]:
    """Return the number of a cell and its interval as text."""
    decimals = column.decimals if cell.decimals is None else cell.decimals
    value, low, high = (None if end is None else number(end, decimals) for end in (cell.value, cell.low, cell.high))
    return value or cell.text, "" if low is None or high is None else f"{low} to {high}"
