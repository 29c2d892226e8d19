"""What one score for everybody reaches, beside the methods of a study that predict scores."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from fercli.reports.layout import number
from fercli.reports.table import Cell, Row
from fercli.studies.aggregate import Results

ERRORS = ("mae", "rmse")


def constant_rows(results: Results, labels: Sequence[str]) -> list[Row]:
    """A row for each constant, the mean and the median of the training scores; none where no error of a score is shown.

    Its errors are the mean over the runs, whose training recordings may differ with the seed.

    Args:
        labels: of the rows that run on one data set.
    """
    metrics = [metric for metric in results.plan.study.metrics if metric in ERRORS]
    folders = [str(path) for label in labels for path in results.folders(label).values()] if metrics else []
    found = [_constants(Path(folder)) for folder in dict.fromkeys(folders)]
    rows = []
    for center in dict.fromkeys(name for constants in found for name in constants):
        frame = pd.DataFrame([constants[center] for constants in found if center in constants])
        cells = {metric: Cell(float(frame[metric].mean())) for metric in metrics}
        rows.append(Row(f"{center} of the training scores ({_range(frame['score'])}) for everybody", cells))
    return rows


def _constants(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """The constant predictors beside a finished run; none where it does not predict scores."""
    content = json.loads((folder / "metrics.json").read_bytes())
    constants: Mapping[str, Mapping[str, Any]] = content.get("constant_predictor", {})
    return constants


def _range(scores: pd.Series) -> str:
    return " to ".join(dict.fromkeys((number(scores.min(), 1), number(scores.max(), 1))))
