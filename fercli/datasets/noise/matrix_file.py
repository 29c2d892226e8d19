"""The confusion matrix that noise follows: of a CSV file, or of the predictions of a finished run."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fercli.datasets.readers.numbers import number_or_nan
from fercli.datasets.user_table import read_user_table
from fercli.errors import ConfigError, DataError, printable
from fercli.runs.folder import RunFolder


def content_file(path: Path) -> Path:
    """Return the file whose content counts: of a run folder, its predictions."""
    return RunFolder(path).predictions if path.is_dir() else path


def transition_of(path: Path, classes: Sequence[str]) -> np.ndarray:
    """(K, K) probability that a label of each class (row) becomes each class (column).

    A CSV file has the names of the classes in its first line and its first column; the row is the true class, and holds
    counts or shares. Of a run, the evaluated samples count: true class by row, predicted class by column. A class
    without samples keeps its labels.

    Raises:
        ConfigError: there is no such file or run.
        DataError: the file holds no matrix of these classes.
        RunError: the run is damaged.
    """
    if path.is_dir():
        run = RunFolder.existing(path)
        from fercli.runs.predictions import read_predictions  # loads torch

        frame = read_predictions(run)
        if "predicted" not in frame:
            raise DataError(f"{path} predicts no classes: name a run that does, or a CSV file")
        known = frame.dropna(subset=["expression", "predicted"])
        table = pd.crosstab(known["expression"], known["predicted"])
        table = (
            table.reindex(index=list(classes), columns=list(classes), fill_value=0) if {*table} <= {*classes} else table
        )
    elif path.is_file():
        read = read_user_table(path, "the numbers of a confusion matrix, with names of classes", classes)
        read.require_whole_lines(path)
        table = read.frame.set_index(read.frame.columns[0]).map(number_or_nan)
    else:
        raise ConfigError(f"expected a CSV file or a finished run in noise.matrix={path}; found none")
    for names, where in (([*table.index], "rows"), ([*table.columns], "columns")):
        if sorted(names) != sorted(classes):
            found = printable(", ".join(map(str, names[:20])))
            raise DataError(f"expected the classes {', '.join(classes)} as {where} of {path}; found {found}")
    counts = table.loc[list(classes), list(classes)].to_numpy(float)
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise DataError(f"expected numbers of at least 0 in {path}; found others")
    sums = counts.sum(axis=1, keepdims=True)
    return np.where(sums > 0, counts / np.where(sums > 0, sums, 1), np.eye(len(classes)))
