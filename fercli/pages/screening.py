"""The screening of a run as a page of its own, as Markdown, and as csv files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fercli.engine.evaluation import EvaluatedRun
from fercli.engine.screening import evaluated_scores
from fercli.figures.figure import NamedFigure
from fercli.files import write_text
from fercli.pages.html import write_page
from fercli.pages.parts import Figures, LinkTable, Part, Section
from fercli.runs.provenance import read_provenance
from fercli.screening.checklist import checklist_table
from fercli.screening.curves import CURVES, curve_rows
from fercli.screening.tables import screening_tables
from fercli.spreadsheet import SpreadsheetWriter
from fercli.tables.markdown import escaped, to_markdown
from fercli.tables.table import Table
from fercli.tables.tidy import to_csv

NOTICE = (
    "Research only. These numbers say how well a network repeats the score of a scale on these recordings. They "
    "are no diagnosis, and no evidence that the network may be used to examine people."
)
PAGE = "screening.html"
FILES = ("file", "holds")
HOLDS = {
    PAGE: "the screening as a page of its own, with the TRIPOD+AI checklist",
    "screening.md": "the same as Markdown, to edit",
    "screening.csv": "all numbers",
    "screening_curves.csv": "the points of the curves",
}


def write_screening(evaluated: EvaluatedRun, title: str, folder: Path, figures: Sequence[NamedFigure]) -> list[Path]:
    """Write `screening.html`, `screening.md`, `screening.csv` and `screening_curves.csv`; return their paths.

    Nothing is written where the evaluation has no screening.

    Args:
        title: of the run.
        folder: of the run page; the figures are in `figures/` below it.
        figures: of the screening.
    """
    document = evaluated.result.get("screening")
    if document is None:
        return []
    store = evaluated.data.store
    command = "" if "external" in evaluated.result else read_provenance(evaluated.run.path).get("command", "")
    tables = screening_tables(document)
    checklist = checklist_table(evaluated.result, store.meta, store.scale, command)
    heading = f"Screening: {title}"
    shown = [Section("Numbers", tables), Section("Figures", [Figures(figures)]), Section("Checklist", [checklist])]
    page, text, numbers, curves = (folder / name for name in HOLDS)
    write_page(page, heading, shown, [NOTICE])
    write_text(text, _markdown(heading, tables, figures, checklist))
    write_text(numbers, _csv(tables))
    scores = evaluated_scores(evaluated.method, store, evaluated.evaluation.columns)
    assert scores is not None
    with curves.open("w", encoding="utf-8", newline="") as stream:
        cutoffs = [one["cutoff"] for one in document["cutoffs"]]
        SpreadsheetWriter(stream, CURVES).write(curve_rows(scores, cutoffs))
    return [page, text, numbers, curves]


def screening_parts(result: Mapping[str, Any], files: Sequence[Path]) -> list[Part]:
    """Return what the run page shows of a screening besides its figures: its tables, and links to the files beside it.

    Args:
        result: content of a `metrics.json`.
        files: what `write_screening` wrote.
    """
    if "screening" not in result:
        return []
    rows = [[(path.name, path.name), (HOLDS[path.name], "")] for path in files]
    return [*screening_tables(result["screening"]), LinkTable("screening: files beside this page", FILES, rows)]


def _markdown(title: str, tables: Sequence[Table], figures: Sequence[NamedFigure], checklist: Table) -> str:
    parts = [f"# {escaped(title)}", NOTICE, *map(to_markdown, tables)]
    parts += [f"![{escaped(one.caption)}](figures/{one.name}.png)" for one in figures]
    return "\n\n".join([*parts, to_markdown(checklist)])


def _csv(tables: Sequence[Table]) -> str:
    """Return the numbers of all tables below one header."""
    first, *others = (to_csv(table) for table in tables)
    return first + "".join(text.partition("\n")[2] for text in others)
