"""The tables of a model card: results by class, by band of severity, and by group of people."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fercli.metrics.affect import rmse
from fercli.metrics.classification import confusion_matrix
from fercli.metrics.metric import known_rows
from fercli.metrics.severity import recording_scores, severity_errors
from fercli.records import GROUPS
from fercli.runs.predictions import classes_of, columns_of
from fercli.scales import Scale
from fercli.tables.run import per_class_table, wilson_interval
from fercli.tables.table import Block, Cell, Column, Row, Table

ERRORS = {"mae": "MAE", "rmse": "RMSE", "bias": "bias"}  # of scores, in points
NUMBERS = ("valence", "arousal", "score")  # labels with a predicted number


def tables_of(frame: pd.DataFrame, scale: Scale) -> list[Table]:
    """Return the tables of a run's predictions by class, by band of severity and by group; those that are possible.

    Args:
        frame: as `read_predictions` returns it.
        scale: of the scores; without bands there is no table by band.
    """
    columns = columns_of(frame)
    tables = []
    if "probabilities" in columns:
        known = known_rows(columns, ["expression"])
        if known.any():
            matrix = confusion_matrix(columns["expression"][known], columns["probabilities"][known])
            tables.append(per_class_table(matrix, classes_of(frame), "By class"))
    if {"score", "predicted_score"} <= {*columns} and scale.bands:
        true, said = recording_scores(columns)
        tables.append(_by_band(severity_errors(true, said, scale), scale))
    return [*tables, *(_by_group(frame, name) for name in groups_of(frame))]


def groups_of(frame: pd.DataFrame) -> list[str]:
    """Return the columns that assign people to groups, of those that any row fills."""
    return [name for name in GROUPS if name in frame and frame[name].notna().any()]


def _by_band(errors: Mapping[str, np.ndarray], scale: Scale) -> Table:
    rows = []
    for i, band in enumerate(scale.names):
        values = {name: float(errors[name][i]) for name in ("num_videos", *ERRORS)}
        rows.append(Row(band, {name: Cell(None if np.isnan(value) else value) for name, value in values.items()}))
    columns = [Column("num_videos", "recordings", decimals=0)]
    columns += [Column(name, label, scale.unit) for name, label in ERRORS.items()]
    return Table("By severity", columns, [Block("", rows)], label="true band")


def _by_group(frame: pd.DataFrame, group: str) -> Table:
    """Return a row for each group of people: samples, accuracy with its Wilson interval, errors of numbers."""
    rows = [Row(str(name), _cells(members)) for name, members in frame[frame[group].notna()].groupby(group)]
    columns = [Column("samples", "samples", decimals=0), Column("right", "accuracy", "%", decimals=1)]
    columns += [Column(name, f"RMSE of {name}", "points" if name == "score" else "", decimals=3) for name in NUMBERS]
    filled = [column for column in columns if any(column.key in row.cells for row in rows)]
    title = group.replace("_", " ")
    return Table(f"By {title}", filled, [Block("", rows)], label=title)


def _cells(members: pd.DataFrame) -> dict[str, Cell]:
    cells = {"samples": Cell(float(len(members)))}
    if "predicted" in members and len(labelled := members[members["expression"].notna()]):
        hits, total = int((labelled["expression"] == labelled["predicted"]).sum()), len(labelled)
        low, high = (100 * float(end[0]) for end in wilson_interval(np.array([hits]), np.array([total])))
        cells["right"] = Cell(100 * hits / total, low=low, high=high)
    for name in NUMBERS:
        if {name, f"predicted_{name}"} <= {*members} and len(known := members[members[name].notna()]):
            cells[name] = Cell(rmse(known[name].to_numpy(), known[f"predicted_{name}"].to_numpy()))
    return cells
