"""Pages to look at: everything in one file, nothing fetched from anywhere."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure

from fercli.reports.figure import figure_bytes
from fercli.reports.layout import layout, number
from fercli.reports.table import Cell, Table

CSS_PIXELS_PER_INCH = 96
WIDE = 8.0  # inches

_TEMPLATES = Environment(
    loader=PackageLoader("fercli.reports"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def write_run_report(
    path: Path,
    title: str,
    facts: Mapping[str, str],
    metrics: Table,
    per_class: Table | None,
    figures: Sequence[tuple[str, Figure]],
    notes: Sequence[str] = (),
) -> None:
    """The page of one run.

    Args:
        path: file to write; an older one is replaced.
        title: such as `DDA loss on FER+`.
        facts: what was run: label to value, in the order shown.
        metrics: from `tables.metrics_table`; each row becomes a tile.
        per_class: from `tables.per_class_table`; None where no classes were predicted.
        figures: caption and picture, in the order shown.
        notes: sentences that a reader of the numbers must know, shown first.
    """
    tiles = [(row.label, *_tile(row.cells["value"])) for block in metrics.blocks for row in block.rows]
    _write(
        path,
        title=title,
        facts=facts,
        tiles=tiles,
        tables=[per_class] if per_class else [],
        figures=figures,
        notes=notes,
        links=[],
    )


def write_study_report(
    path: Path,
    title: str,
    tables: Sequence[Table],
    figures: Sequence[tuple[str, Figure]] = (),
    facts: Mapping[str, str] | None = None,
    links: Sequence[tuple[str, str]] = (),
    notes: Sequence[str] = (),
) -> None:
    """The page of a study or of several runs.

    Args:
        path: file to write; an older one is replaced.
        title: of the page.
        tables: results, and the claims with their verdicts as a table of words.
        figures: caption and picture.
        facts: label to value, in the order shown.
        links: text and relative address, such as the reports of the runs.
        notes: sentences shown first.
    """
    _write(path, title=title, facts=facts or {}, tiles=[], tables=tables, figures=figures, notes=notes, links=links)


def to_html(table: Table) -> str:
    """The table as an HTML fragment; best and second best carry the classes `rank1` and `rank2`."""
    return _TEMPLATES.get_template("table.html").render(grid=layout(table))


def _write(path: Path, tables: Iterable[Table], figures: Iterable[tuple[str, Figure]], **content: Any) -> None:
    pictures = [_picture(caption, figure) for caption, figure in figures]
    grids = [layout(table) for table in tables]
    page = _TEMPLATES.get_template("page.html").render(grids=grids, figures=pictures, **content)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(page, encoding="utf-8")
    temporary.replace(path)


def _picture(caption: str, figure: Figure) -> dict[str, Any]:
    """Shown at most a quarter larger than drawn; one that was drawn wide gets a line of its own."""
    width = figure.get_figwidth()
    data = base64.b64encode(figure_bytes(figure, "svg")).decode()
    return {"caption": caption, "data": data, "pixels": round(width * CSS_PIXELS_PER_INCH * 1.25), "wide": width > WIDE}


def _tile(cell: Cell) -> tuple[str, str]:
    """The number, and its interval."""
    if cell.value is None:
        return cell.text, ""
    interval = "" if cell.low is None or cell.high is None else f"{number(cell.low, 2)} to {number(cell.high, 2)}"
    return number(cell.value, 2), interval
