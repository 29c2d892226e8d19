"""Table rows for the constant baselines of runs that predict scores: one score for everybody."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from fercli.runs.folder import RunFolder
from fercli.tables.columns import KnownFacts, measured, metric_column
from fercli.tables.layout import number
from fercli.tables.table import Cell, Row


def constant_rows(folders: Iterable[str | Path], metrics: Sequence[str], facts: KnownFacts) -> list[Row]:
    """Return a row for each constant, the mean and the median of the training scores; none without an error column.

    The errors of a row are means over the runs. The training recordings of runs may differ: in a split that keeps
    subjects together, they depend on the seed. Then the label gives the range of the constants, and a footnote the
    range of the errors.

    Args:
        folders: folders of finished runs; runs that do not predict scores are ignored.
        metrics: keys of the columns that are shown.
        facts: facts of these metrics.
    """
    found = {folder: _constants(folder) for folder in dict.fromkeys(map(str, folders))}
    rows = []
    for center in dict.fromkeys(name for constants in found.values() for name in constants):
        having = {folder: constants[center] for folder, constants in found.items() if center in constants}
        errors = pd.DataFrame.from_dict({folder: one["errors"] for folder, one in having.items()}, orient="index")
        if shown := [metric for metric in metrics if metric in errors]:
            scores = pd.Series([one["score"] for one in having.values()])
            label = f"training {center} ({_range(scores, 1)})"  # short: a table of intervals leaves few columns to it
            cells = {metric: _cell(errors[metric].dropna(), metric, facts) for metric in shown}
            rows.append(Row(label, cells, notes=(f"the {center} of the training scores, said of everybody",)))
    return rows


def _cell(errors: pd.Series, metric: str, facts: KnownFacts) -> Cell:
    """Return the mean of a constant's error over run folders; the index holds the folders."""
    errors = errors.map(lambda error: measured(metric, error, facts))
    span = _range(errors, metric_column(metric, facts).decimals)
    notes = (f"{span}: the runs differ in their recordings",) if " to " in span else ()
    return Cell(float(errors.mean()), notes=notes, sources=tuple(errors.index))


def _constants(folder: str) -> Mapping[str, Mapping[str, Any]]:
    """Read the constant predictors of a finished run; none if it does not predict scores."""
    content = RunFolder(Path(folder)).read_metrics()
    constants: Mapping[str, Mapping[str, Any]] = content.get("constant_predictor", {})
    return {name: constant for name, constant in constants.items() if "errors" in constant}


def _range(values: pd.Series, decimals: int) -> str:
    return " to ".join(dict.fromkeys(number(end, decimals) for end in (values.min(), values.max())))
