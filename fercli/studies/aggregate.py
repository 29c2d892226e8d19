"""From finished runs to a table: measured beside published."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pandas as pd

from fercli.reports.columns import measured, metric_column
from fercli.reports.published import DATA, cautions, published, published_value
from fercli.reports.table import Block, Cell, Column, Row, Table
from fercli.runs.collect import collect
from fercli.studies.grid import Plan
from fercli.studies.study import Study, StudyRow


@dataclass(frozen=True)
class Results:
    """The finished cells of a plan.

    Attributes:
        runs: the rows of `fercli.runs.collect` that belong to the plan, with `label` of the study's row; `value` in the
            unit of the metric's column.
    """

    plan: Plan
    runs: pd.DataFrame

    def values(self, label: str, metric: str) -> dict[int, float]:
        """The values of one row in one metric by seed."""
        rows = self.runs[(self.runs["label"] == label) & (self.runs["metric"] == metric)]
        return dict(zip(rows["seed"], rows["value"], strict=True))

    def folders(self, label: str) -> dict[int, Path]:
        """The run folders of one row by seed."""
        rows = self.runs[self.runs["label"] == label].drop_duplicates("seed")
        return {seed: Path(folder) for seed, folder in zip(rows["seed"], rows["folder"], strict=True)}


def read_results(plan: Plan) -> Results:
    """The runs of a plan that have finished."""
    cells = pd.DataFrame(
        [(cell.label, cell.run.run_id, cell.seed) for cell in plan.cells], columns=["label", "run_id", "seed"]
    )
    runs = cells.merge(collect(plan.request.runs).runs, on=["run_id", "seed"])
    runs["value"] = [measured(metric, value) for metric, value in zip(runs["metric"], runs["value"], strict=True)]
    return Results(plan, runs)


def study_table(results: Results) -> Table:
    """Measured mean, standard deviation and number of seeds beside the published number and the difference.

    Where the cells ran on other data than the source, published numbers stand in columns of their own, without a
    difference.
    """
    plan, study = results.plan, results.plan.study
    columns = [metric_column(metric) for metric in study.metrics]
    if plan.other_data and _published_rows(study):
        columns += [_elsewhere(study, metric) for metric in study.metrics]
    trained = [_measured_row(results, row) for row in study.rows if row.overrides is not None]
    quoted = [_quoted_row(plan, row) for row in study.rows if row.overrides is None]
    blocks = [Block("", trained)]
    blocks += [Block("quoted by the source from other papers", quoted)] if quoted else []
    title = f"{study.title} ({study.source}, {study.table})"
    return Table(f"{title}, run on {plan.data}" if plan.other_data else title, columns, blocks, notes=_notes(results))


def published_number(study: Study, row: StudyRow, metric: str) -> float | None:
    """What the source prints for a row in a metric; None where it prints nothing.

    Raises:
        ConfigError: the source's table does not have the row's method at all.
    """
    if row.published is None:
        return None
    rows = _published_rows(study, row.published)
    if rows and metric not in {found["metric"] for found in rows}:
        return None
    protocols = [found["protocol"] for found in rows if found["protocol"].startswith(row.protocol or "")]
    protocol = protocols[0] if row.protocol and protocols else None
    return published_value(study.source, study.table, row.published, metric, _printed_name(study.data), protocol)


def _measured_row(results: Results, row: StudyRow) -> Row:
    study, cells = results.plan.study, {}
    for metric in study.metrics:
        values = results.values(row.label, metric)
        series = pd.Series(values, dtype=float)
        number_printed = published_number(study, row, metric)
        folders = tuple(map(str, results.folders(row.label).values()))
        cells[metric] = Cell(
            value=float(series.mean()) if values else None,
            sd=float(series.std(ddof=1)) if len(values) > 1 else None,
            n=len(values) or None,
            published=None if results.plan.other_data else number_printed,
            text="" if values else "not run",
            sources=folders,
        )
        cells |= _elsewhere_cell(results.plan, metric, number_printed)
    return Row(row.label, cells, _deviations(results, row))


def _quoted_row(plan: Plan, row: StudyRow) -> Row:
    cells: dict[str, Cell] = {}
    for metric in plan.study.metrics:
        value = published_number(plan.study, row, metric)
        if plan.other_data:
            cells |= _elsewhere_cell(plan, metric, value)
        elif value is not None:
            found = [r for r in _published_rows(plan.study, row.published) if r["metric"] == metric]
            cells[metric] = Cell(published=value, notes=tuple(found[0]["doubts"]))
    return Row(row.label, cells)


def _elsewhere(study: Study, metric: str) -> Column:
    column = metric_column(metric)
    return Column(f"{metric} elsewhere", f"{column.label} on {study.data}", column.unit, decimals=column.decimals)


def _elsewhere_cell(plan: Plan, metric: str, value: float | None) -> dict[str, Cell]:
    return {f"{metric} elsewhere": Cell(published=value)} if plan.other_data and value is not None else {}


def _deviations(results: Results, row: StudyRow) -> tuple[str, ...]:
    """Footnotes to a row: in what it departs from the protocol of the source, and what is missing."""
    runs = results.runs[results.runs["label"] == row.label].drop_duplicates("seed")
    notes = []
    if (runs["selection"] == "paper").any():
        notes.append("the epoch was chosen on the split that is reported (selection=paper)")
    for budget in sorted(set(runs["budget"]) - {"full"}):
        notes.append(f"budget {budget}: not the training that the source describes")
    wanted = {cell.seed for cell in results.plan.cells if cell.label == row.label}
    if len(runs) and (missing := sorted(wanted - set(runs["seed"]))):
        notes.append(f"seeds not run: {', '.join(map(str, missing))}")
    return tuple(notes)


def _notes(results: Results) -> list[str]:
    plan, study, runs = results.plan, results.plan.study, results.runs
    notes = []
    for protocol, group in runs.groupby(["split", "selection", "size", "weights"], dropna=False):
        split, selection, size, weights = cast(tuple, protocol)
        started = f"{weights} weights" if isinstance(weights, str) else "random weights"
        notes.append(
            f"Measured: {plan.data} {split} ({group['num_rows'].iloc[0]:,} samples), selection {selection}, "
            f"{size} pixels, {started}; mean ± standard deviation (number of seeds)."
        )
    if plan.request.overrides:
        notes.append(f"Every cell with {' '.join(plan.request.overrides)}: not the protocol of the study.")
    protocols = sorted({row["protocol"] for row in _published_rows(study) if row["row_kind"] != "sota"})
    notes += [f"Published: {protocol}." for protocol in protocols]
    return notes + ([] if plan.other_data else cautions(study.data))


def _published_rows(study: Study, method: str | None = None) -> list[dict[str, Any]]:
    frame = published()
    frame = frame[(frame["source"] == study.source) & (frame["table"] == study.table) & (frame["data"] == study.data)]
    frame = frame if method is None else frame[frame["method"] == method]
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False)]


def _printed_name(data: str) -> str:
    return next((name for name, short in DATA.items() if short == data), data)
