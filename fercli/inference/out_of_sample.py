"""Predictions for rows of a store by networks that were not trained on these rows, such as those of folds."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fercli.config import load
from fercli.datasets.store import Store
from fercli.engine.build import run_split
from fercli.engine.training_data import require_same_twins
from fercli.errors import ConfigError, DataError, RunError, printable
from fercli.inference.external import read_external
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import classes_of, read_predictions

UNKNOWN = "predictions with an id that the store does not hold"
TWIN = "predictions for a row with a twin in training"
MISSING = "rows with a class and without a prediction"


@dataclass(frozen=True)
class OutOfSample:
    """Predictions out of sample, one for each row that has any and carries a class.

    Attributes:
        rows: (n,) row numbers of the store, ascending.
        probabilities: (n, K), the mean over the predictions for a row, in the order of the store's classes.
        counts: what was left out, in words, and how often.
        unchecked: sources of which nobody knows on which rows they were trained.
    """

    rows: np.ndarray
    probabilities: np.ndarray
    counts: dict[str, int]
    unchecked: tuple[str, ...]


def out_of_sample(store: Store, sources: Sequence[Path], split: str = "train") -> OutOfSample:
    """Read the predictions of runs and files, and join them with the rows of a store by id.

    Predictions for a row with a twin in training do not count, where the run knows of twins.

    Args:
        sources: finished runs, folders with finished runs below them, folders of evaluations, or files of predictions
            (`fercli.inference.external`).
        split: whose rows a file of predictions is for.

    Raises:
        ConfigError: a source is none of these; it predicts rows that it was trained on; or no row has a prediction.
        DataError, RunError: a source is damaged, predicts other classes, or its store has changed.
    """
    sums, numbers = np.zeros((len(store), len(store.classes))), np.zeros(len(store), dtype=int)
    counts: Counter[str] = Counter()
    unchecked = []
    for source in _expanded(sources):
        if source.is_file():
            given = read_external(source, store, split)
            if "probabilities" not in given.columns:
                raise DataError(f"{source} predicts no classes; expected a column for each class")
            rows, probabilities = given.rows, given.columns["probabilities"]
            counts[UNKNOWN] += given.counts["unknown"]
            unchecked.append(printable(source.name))
        else:
            rows, probabilities, checked = _of_run(store, RunFolder(source), counts)
            unchecked += [] if checked else [printable(str(source))]
        sums[rows] += probabilities
        numbers[rows] += 1
    found = np.flatnonzero((numbers > 0) & (store.labels >= 0))
    if not len(found):
        raise ConfigError(f"no row of {store.path} that has a class has a prediction among these")
    counts[MISSING] = int(((numbers == 0) & (store.labels >= 0)).sum())
    return OutOfSample(found, sums[found] / numbers[found, None], dict(counts), tuple(unchecked))


def _expanded(sources: Iterable[Path]) -> list[Path]:
    """Return files, folders with predictions, and for any other folder the finished runs below it."""
    found: list[Path] = []
    for source in sources:
        if source.is_file() or RunFolder(source).finished:
            found.append(source)
            continue
        below = sorted(path.parent for path in source.rglob("metrics.json") if "eval" not in path.parts)
        if not below:
            raise ConfigError(f"expected a finished run, a folder of runs or a file of predictions; found {source}")
        found += below
    return list(dict.fromkeys(found))


def _of_run(store: Store, folder: RunFolder, counts: Counter[str]) -> tuple[np.ndarray, np.ndarray, bool]:
    """Return rows of the store, their probabilities, and whether it was checked what the run was trained on."""
    frame = read_predictions(folder)
    if {*classes_of(frame)} != {*store.classes}:
        raise DataError(
            f"{folder.path} predicts {printable(', '.join(classes_of(frame))) or 'no classes'}; {store.path} has "
            f"{', '.join(store.classes)}"
        )
    checked = "external" not in folder.read_metrics()
    if checked:
        _expect_untrained(folder, frame)
    if "has_twin" in frame:
        counts[TWIN] += int(frame["has_twin"].sum())
        frame = frame[~frame["has_twin"].astype(bool)]
    known = frame["id"].isin(store.rows_of)
    counts[UNKNOWN] += int((~known).sum())
    frame = frame[known]
    rows = np.array([store.rows_of[name] for name in frame["id"]], dtype=np.int64)
    return rows, frame[[f"prob_{name}" for name in store.classes]].to_numpy(float), checked


def _expect_untrained(folder: RunFolder, frame: pd.DataFrame) -> None:
    """Raise ConfigError if a run predicts rows that it was trained on."""
    run = folder if folder.config.is_file() else RunFolder(folder.path.parents[1])  # an evaluation lies in eval/
    run.require_sound(run.config)
    cfg = load(run.config)
    own = Store(cfg.store, cfg.get("score"))
    if own.fingerprint != run.read_metrics()["data"]["fingerprint"]:
        raise RunError(f"{own.path} has changed since {run.path} was trained on it: its training rows are not known")
    require_same_twins(cfg, own, run.read_metrics())
    trained = {*own.column("id")[run_split(cfg, own).train]}
    both = [name for name in frame["id"] if name in trained]
    if both:
        raise ConfigError(
            f"{folder.path} predicts {len(both):,} rows that the run was trained on, such as '{printable(both[0])}'; "
            "expected predictions out of sample, such as those of the folds of a cross-validation"
        )
