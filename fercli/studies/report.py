"""What a study leaves on disk: its tables in every format, and a page to look at."""

import json
import os
from pathlib import Path
from typing import Any

from fercli.reports.export import render
from fercli.reports.html import write_study_report
from fercli.reports.table import Table
from fercli.studies.aggregate import Results, study_table
from fercli.studies.figures import study_figures
from fercli.studies.grid import Plan
from fercli.studies.verdicts import claims_table

FILES = {"markdown": "table.md", "latex": "table.tex"}


def tables(results: Results) -> list[Table]:
    """The table of the study, and the one of its claims where it has any."""
    found = [study_table(results)]
    return [*found, claims_table(results)] if results.plan.study.claims else found


def plan_document(plan: Plan) -> dict[str, Any]:
    """A plan for other programs: its cells, and where each runs or ran."""
    cells = [
        {
            "row": cell.label,
            "seed": cell.seed,
            "run": str(cell.run.path),
            "finished": cell.run.finished,
            "command": cell.command,
        }
        for cell in plan.cells
    ]
    return {
        "study": plan.study.name,
        "data": plan.data,
        "fingerprints": plan.fingerprints,
        "budget": plan.request.budget,
        "overrides": list(plan.request.overrides),
        "cells": cells,
    }


def document(results: Results) -> dict[str, Any]:
    """The plan with its results: `table`, and `claims` where the study has any."""
    found = zip(("table", "claims"), tables(results), strict=False)
    return plan_document(results.plan) | {name: json.loads(render(table, "json")) for name, table in found}


def write_report(results: Results) -> Path:
    """Write the tables as Markdown, LaTeX, CSV and JSON and the page `report.html`; give the page."""
    plan = results.plan
    plan.folder.mkdir(parents=True, exist_ok=True)
    found = tables(results)
    for format, file in FILES.items():
        (plan.folder / file).write_text("\n".join(render(table, format) for table in found), encoding="utf-8")
    for file, table in zip(("table.csv", "claims.csv"), found, strict=False):
        (plan.folder / file).write_text(render(table, "csv"), encoding="utf-8")
    (plan.folder / "table.json").write_text(json.dumps(document(results), indent=2, ensure_ascii=False) + "\n", "utf-8")
    page = plan.folder / "report.html"
    title = f"{plan.study.title}, run on {plan.data}" if plan.other_data else plan.study.title
    write_study_report(page, title, found, study_figures(results), _facts(plan), _links(results), _warnings(plan))
    return page


def _facts(plan: Plan) -> dict[str, str]:
    return {
        "study": plan.study.name,
        "source": f"{plan.study.source}, {plan.study.table}",
        "data": ", ".join(f"{name} ({fingerprint[:10]})" for name, fingerprint in plan.fingerprints.items()),
        "seeds": ", ".join(str(seed) for seed in sorted({cell.seed for cell in plan.cells})),
        "budget": plan.request.budget,
        "trainings": f"{sum(cell.run.finished for cell in plan.cells)} of {len(plan.cells)} finished",
    }


def _links(results: Results) -> list[tuple[str, str]]:
    """The reports of the runs that have one."""
    plan = results.plan
    pages = [(f"{cell.label}, seed {cell.seed}", cell.run.path / "report.html") for cell in plan.cells]
    return [(text, os.path.relpath(page, plan.folder)) for text, page in pages if page.is_file()]


def _warnings(plan: Plan) -> list[str]:
    found = []
    if plan.request.budget != "full":
        found.append(f"Budget {plan.request.budget}: these are not the trainings that the source describes.")
    if plan.other_data:
        found.append(f"Run on {plan.data}, where the source used {plan.study.data}: no number compares.")
    if plan.missing:
        found.append(f"{len(plan.missing)} of {len(plan.cells)} trainings have not finished.")
    return found
