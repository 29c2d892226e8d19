"""What one score for everybody reaches, beside the runs that predict scores."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from fercli.reports.columns import metric_column
from fercli.reports.layout import number
from fercli.reports.table import Cell, Row
from fercli.runs.folder import RunFolder

ERRORS = ("mae", "rmse")


def constant_rows(folders: Iterable[str | Path], metrics: Sequence[str]) -> list[Row]:
    """A row for each constant, the mean and the median of the training scores; none where no error of a score is shown.

    Its errors are the mean over the runs. The training recordings of runs may differ, as with the seed where subjects
    stay together: then the label gives the range of the constants, and a footnote that of the errors.

    Args:
        folders: of finished runs; those that do not predict scores count for nothing.
        metrics: keys of the columns that are shown.
    """
    errors = [metric for metric in metrics if metric in ERRORS]
    found = {folder: _constants(folder) for folder in dict.fromkeys(map(str, folders))} if errors else {}
    rows = []
    for center in dict.fromkeys(name for constants in found.values() for name in constants):
        having = {folder: constants[center] for folder, constants in found.items() if center in constants}
        frame = pd.DataFrame.from_dict(having, orient="index")
        label = f"{center} of the training scores ({_range(frame['score'], 1)}) for everybody"
        rows.append(Row(label, {metric: _cell(frame[metric], metric) for metric in errors}))
    return rows


def _cell(errors: pd.Series, metric: str) -> Cell:
    """The mean of a constant's error over run folders, which are the index."""
    span = _range(errors, metric_column(metric).decimals)
    notes = (f"{span}: the runs differ in their recordings",) if " to " in span else ()
    return Cell(float(errors.mean()), notes=notes, sources=tuple(errors.index))


def _constants(folder: str) -> Mapping[str, Mapping[str, Any]]:
    """The constant predictors beside a finished run; none where it does not predict scores."""
    content = json.loads(RunFolder(Path(folder)).metrics.read_bytes())
    constants: Mapping[str, Mapping[str, Any]] = content.get("constant_predictor", {})
    return constants


def _range(values: pd.Series, decimals: int) -> str:
    return " to ".join(dict.fromkeys(number(end, decimals) for end in (values.min(), values.max())))
