"""The files of a study: its tables in every format, and a page."""

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fercli.checksums import seal
from fercli.engine.predict import Progress
from fercli.figures.figure import NamedFigure, save_figure
from fercli.figures.study import confusion_figures, figures_of_study
from fercli.files import write_text
from fercli.pages.html import write_page
from fercli.pages.parts import Facts, Figures, LinkTable, Section
from fercli.runs.folder import write_json
from fercli.runs.state import run_state
from fercli.studies.across import across_tables
from fercli.studies.aggregate import Results
from fercli.studies.cell import PlannedCell
from fercli.studies.decisions import verdicts
from fercli.studies.fold_tables import fold_tables
from fercli.studies.grid import Plan
from fercli.studies.meter_table import meter_table
from fercli.studies.near import near_of_plan
from fercli.studies.protocol import statement
from fercli.studies.tables import study_table
from fercli.studies.verdicts import claims_table, pairs_table
from fercli.tables.export import render
from fercli.tables.layout import SINGLE_RUN
from fercli.tables.table import Table

NO_PAGE = "none yet: fercli eval"  # in place of the link to the page of a finished run
TESTS = ("pairs", "drops")
ALL_TABLES = "table.md"
OF_EACH_TABLE = {"latex": "tex", "csv": "csv"}  # a paper takes in each table where it belongs


def tables(results: Results) -> dict[str, Table]:
    """Return `table`, `folds`, `claims` and `meter` if there are any, and `pairs` or `fold_tests` for all rows.

    For a study across corpora, see `across_tables`; `cells` is then the table with a row for each pair of corpora.
    """
    if results.plan.study.corpora:
        return across_tables(results) | {"cells": study_table(results)}
    found = {"table": study_table(results)} | fold_tables(results)
    if results.plan.study.claims:
        found["claims"] = claims_table(results)
    if (meter := meter_table(results)) is not None:
        found["meter"] = meter
    pairs = None if "fold_tests" in found else pairs_table(results)
    return found if pairs is None else found | {"pairs": pairs}


def printed(results: Results) -> list[Table]:
    """Return the tables for a terminal: the table, that of folds, tests or claims, and the meter if runs have one."""
    found = tables(results)
    tests = [name for name in ("claims", "fold_tests", "pairs", "drops") if name in found][:1]
    return [found[name] for name in ("table", "own_classes", "folds", *tests, "meter") if name in found]


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return a plan for other programs: its cells, and the folder of each run."""
    cells = [
        {
            "row": cell.label,
            "seed": cell.seed,
            "fold": cell.fold,
            "run": str(cell.run.path),
            "classifier": cell.classifier,
            "result": str(cell.result.path),
            "finished": cell.finished,
            "command": cell.command,
        }
        for cell in plan.cells
    ]
    return {
        "study": plan.study.name,
        "title": plan.study.title,
        "source": f"{plan.study.source}, {plan.study.table}",
        "data": plan.data,
        "fingerprints": plan.fingerprints,
        "budget": plan.request.budget,
        "overrides": list(plan.request.overrides),
        "changes": list(plan.changes),
        "near_duplicates": {data: asdict(near) for data, near in near_of_plan(plan).items()},
        "cells": cells,
    }


def document(results: Results, found: dict[str, Table] | None = None) -> dict[str, Any]:
    """Return the plan with its results: tables, the protocol of each row, and the number of verdicts of each kind."""
    shown = tables(results) if found is None else found
    protocols = {label: one for label in results.labels if (one := results.protocol(label))}
    return (
        plan_document(results.plan)
        | {"protocols": {label: asdict(protocol) for label, protocol in protocols.items()}}
        | {"protocol": statement(results), "verdicts": Counter(one.outcome for one in verdicts(results))}
        | {"left_out": [{"run": str(left.folder), "reason": left.reason} for left in results.left_out]}
        | {name: json.loads(render(table, "json")) for name, table in shown.items()}
    )


def write_report(
    results: Results,
    more: Sequence[Section] = (),
    more_facts: Mapping[str, Any] | None = None,
    more_files: Sequence[str] = (),
    progress: Progress = lambda done, total: None,
) -> Path:
    """Write the tables as Markdown, LaTeX, CSV and JSON, and the page `report.html`; return the path of the page.

    Args:
        more: further sections of the page, after the result.
        more_facts: further keys of `table.json`.
        more_files: further files of the folder that are sealed with those of the study.
        progress: is told of each kind of figure, and of each map of features.
    """
    plan = results.plan
    plan.folder.mkdir(parents=True, exist_ok=True)
    found = tables(results)
    write_text(plan.folder / ALL_TABLES, "\n".join(render(table, "markdown") for table in found.values()))
    files = {f"{name}.{end}": render(found[name], format) for name in found for format, end in OF_EACH_TABLE.items()}
    for file, content in files.items():
        write_text(plan.folder / file, content)
    write_json(plan.folder / "table.json", document(results, found) | dict(more_facts or {}))
    figures, matrices = list(figures_of_study(results, progress)), list(confusion_figures(results))
    others = [drawn for section in more for part in section.parts if isinstance(part, Figures) for drawn in part.drawn]
    _save_figures([*figures, *matrices, *others], plan.folder / "figures")
    page = plan.folder / "report.html"
    sections = [
        Section("Result", [table for name, table in found.items() if name not in TESTS]),
        *more,
        Section("Figures", [Figures(figures)]),
        Section("Confusion matrices", [Figures(matrices)]),
        Section("Tests", [found[name] for name in TESTS if name in found]),
        Section("Protocol", [Facts(statement(results))]),
        Section("Runs", [_runs(results)]),
    ]
    title = f"{plan.study.title}, run on {plan.data}" if plan.other_data else plan.study.title
    write_page(page, title, sections, _warnings(results))
    seal(plan.folder, [ALL_TABLES, *files, *more_files, "table.json", page.name])
    return page


def _save_figures(figures: Sequence[NamedFigure], folder: Path) -> None:
    """Write the figures as PNG for a paper; delete those of an earlier state of the study."""
    for path in folder.glob("*.png"):
        path.unlink()
    for drawn in figures:
        save_figure(drawn.figure, folder / f"{drawn.name}.png")


def _runs(results: Results) -> LinkTable:
    """Return where each number comes from: the folder of each run, and its page and log if it has them."""
    plan, reasons = results.plan, {str(left.folder): left.reason for left in results.left_out}
    rows = []
    for cell in plan.cells:
        state = run_state(cell.result).name if cell.fold else reasons.get(str(cell.result.path), "finished")
        links = [_link(plan, cell.result.path.name, cell.result.path), _link(plan, "log", cell.log)]
        page = _link(plan, "report", cell.result.path / "report.html")
        links.insert(1, page if page[1] or not cell.finished else (NO_PAGE, ""))
        rows.append([(cell.label, ""), (cell.part.removeprefix("seed "), ""), (state, ""), *links, (cell.command, "")])
    return LinkTable("Runs", ("row", "seed", "state", "folder", "page", "log", "command"), rows)


def _link(plan: Plan, text: str, path: Path) -> tuple[str, str]:
    return (text, os.path.relpath(path, plan.folder)) if path.exists() else ("", "")


def _warnings(results: Results) -> list[str]:
    plan, found = results.plan, []
    seeds = results.runs[~(results.runs["num_folds"].fillna(0) > 1)].groupby("label")["seed"].nunique()
    if (seeds == 1).any():
        found.append(f"{SINGLE_RUN} This holds for {', '.join(label for label in seeds.index if seeds[label] == 1)}.")
    if plan.request.budget != "full":
        found.append(f"Budget {plan.request.budget}: these are not the trainings that the source describes.")
    if source := plan.data_of_source:
        found.append(f"Run on {plan.data}, where the source used {source}: the numbers are not comparable.")
    if missing := _missing(plan.cells):
        found.append(f"{missing} of {len(plan.cells)} planned cells have not finished.")
    return found


def _missing(cells: tuple[PlannedCell, ...]) -> int:
    return sum(not cell.finished for cell in cells)
