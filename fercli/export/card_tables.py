"""The tables of a model card: results by class and by band of severity."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fercli.metrics.metric import known_rows
from fercli.metrics.severity import recording_scores, severity_errors
from fercli.runs.predictions import classes_of, columns_of
from fercli.scales import Scale
from fercli.tables.per_class import per_class_table
from fercli.tables.table import Block, Cell, Column, Row, Table

ERRORS = {"mae": "MAE", "rmse": "RMSE", "bias": "bias"}  # of scores, in points


def tables_of(frame: pd.DataFrame, scale: Scale) -> list[Table]:
    """Return the tables of a run's predictions by class and by band of severity; those that are possible.

    Args:
        frame: as `read_predictions` returns it.
        scale: of the scores; without bands there is no table by band.
    """
    columns = columns_of(frame)
    tables = []
    if "probabilities" in columns:
        known = known_rows(columns, ["expression"])
        if known.any():
            of_class = {name: column[known] for name, column in columns.items()}
            tables.append(per_class_table(of_class, classes_of(frame), "By class"))
    if {"score", "predicted_score"} <= {*columns} and scale.bands:
        true, said = recording_scores(columns)
        tables.append(_by_band(severity_errors(true, said, scale), scale))
    return tables


def _by_band(errors: Mapping[str, np.ndarray], scale: Scale) -> Table:
    rows = []
    for i, band in enumerate(scale.names):
        values = {name: float(errors[name][i]) for name in ("num_videos", *ERRORS)}
        rows.append(Row(band, {name: Cell(None if np.isnan(value) else value) for name, value in values.items()}))
    columns = [Column("num_videos", "recordings", decimals=0)]
    columns += [Column(name, label, scale.unit) for name, label in ERRORS.items()]
    return Table("By severity", columns, [Block("", rows)], label="true band")
