"""What one score for everybody reaches, beside the runs that predict scores."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from fercli.runs.folder import RunFolder
from fercli.tables.columns import KnownFacts, measured, metric_column
from fercli.tables.layout import number
from fercli.tables.table import Cell, Row


def constant_rows(folders: Iterable[str | Path], metrics: Sequence[str], facts: KnownFacts) -> list[Row]:
    """A row for each constant, the mean and the median of the training scores; none where no error of a score is shown.

    Its errors are the mean over the runs. The training recordings of runs may differ, as with the seed where subjects
    stay together: then the label gives the range of the constants, and a footnote that of the errors.

    Args:
        folders: of finished runs; those that do not predict scores count for nothing.
        metrics: keys of the columns that are shown.
        facts: of these metrics.
    """
    found = {folder: _constants(folder) for folder in dict.fromkeys(map(str, folders))}
    rows = []
    for center in dict.fromkeys(name for constants in found.values() for name in constants):
        having = {folder: constants[center] for folder, constants in found.items() if center in constants}
        errors = pd.DataFrame.from_dict({folder: one["errors"] for folder, one in having.items()}, orient="index")
        if shown := [metric for metric in metrics if metric in errors]:
            scores = pd.Series([one["score"] for one in having.values()])
            label = f"{center} of the training scores ({_range(scores, 1)}) for everybody"
            rows.append(Row(label, {metric: _cell(errors[metric].dropna(), metric, facts) for metric in shown}))
    return rows


def _cell(errors: pd.Series, metric: str, facts: KnownFacts) -> Cell:
    """The mean of a constant's error over run folders, which are the index."""
    errors = errors.map(lambda error: measured(metric, error, facts))
    span = _range(errors, metric_column(metric, facts).decimals)
    notes = (f"{span}: the runs differ in their recordings",) if " to " in span else ()
    return Cell(float(errors.mean()), notes=notes, sources=tuple(errors.index))


def _constants(folder: str) -> Mapping[str, Mapping[str, Any]]:
    """The constant predictors beside a finished run; none where it does not predict scores."""
    content = RunFolder(Path(folder)).read_metrics()
    constants: Mapping[str, Mapping[str, Any]] = content.get("constant_predictor", {})
    return {name: constant for name, constant in constants.items() if "errors" in constant}


def _range(values: pd.Series, decimals: int) -> str:
    return " to ".join(dict.fromkeys(number(end, decimals) for end in (values.min(), values.max())))
