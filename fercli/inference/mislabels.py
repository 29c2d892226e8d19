"""Rows whose label is probably wrong, by confident learning on predictions out of sample."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fercli.datasets.store import Store
from fercli.errors import ConfigError
from fercli.inference.out_of_sample import OutOfSample
from fercli.spreadsheet import SpreadsheetWriter

COLUMNS = ("id", "split", "label", "suggested", "probability_of_label", "probability_of_suggested", "margin")
EXTRA = "cleanlab is not installed: pip install fercli[mislabels]"


@dataclass(frozen=True)
class Suspects:
    """Suspected mislabels, the most suspicious first.

    Attributes:
        rows: (m,) row numbers of the store.
        suggested: (m,) int64 class with the highest probability.
        margin: (m,) probability of the label minus that of the suggestion, in [-1, 0].
        predictions: all predictions out of sample.
    """

    store: Store
    rows: np.ndarray
    suggested: np.ndarray
    margin: np.ndarray
    predictions: OutOfSample


def suspects(store: Store, predictions: OutOfSample) -> Suspects:
    """Find the rows whose given label is probably wrong, and rank them.

    The threshold of class j is the mean probability of j over the rows labelled j. A row counts as class j if its
    probability of j reaches the threshold, and is the highest of those that do. A row is suspected if it counts as
    another class than its label, and if the label is not its most probable class either. Rank: probability of the label
    minus the highest other probability.

    Raises:
        ConfigError: cleanlab is not installed.

    Source: Northcutt, Jiang and Chuang 2021 (Confident learning), equations 1 and 2, method C_confusion by the
    confident joint; by cleanlab.
    """
    try:
        from cleanlab.filter import find_label_issues
    except ModuleNotFoundError as error:
        raise ConfigError(EXTRA) from error
    labels, probabilities = store.labels[predictions.rows], predictions.probabilities
    ranked = find_label_issues(
        labels,
        probabilities,
        filter_by="confident_learning",
        return_indices_ranked_by="normalized_margin",
        n_jobs=1,
    )
    ranked = np.asarray(ranked, dtype=np.int64)
    suggested = probabilities[ranked].argmax(axis=1)
    margin = probabilities[ranked, labels[ranked]] - probabilities[ranked, suggested]
    return Suspects(store, predictions.rows[ranked], suggested, margin, predictions)


def write_suspects(found: Suspects, path: Path) -> None:
    """Write the suspects as CSV, the most suspicious first, with the votes for each class where they are known."""
    store = found.store
    votes = [] if np.isnan(store.votes).all() else [f"votes_{name}" for name in store.classes]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        SpreadsheetWriter(file, (*COLUMNS, *votes)).write(_lines(found, votes))


def _lines(found: Suspects, votes: list[str]) -> Iterator[dict[str, Any]]:
    store, ids, splits = found.store, found.store.column("id"), found.store.column("split")
    place = {row: i for i, row in enumerate(found.predictions.rows.tolist())}
    for row, suggested, margin in zip(found.rows.tolist(), found.suggested, found.margin, strict=True):
        label, probabilities = store.labels[row], found.predictions.probabilities[place[row]]
        numbers = [float(f"{value:.6g}") for value in (probabilities[label], probabilities[suggested], margin)]
        names = (ids[row], splits[row], store.classes[label], store.classes[suggested])
        line = dict(zip(COLUMNS, (*names, *numbers), strict=True))
        yield line | {name: value for name, value in zip(votes, store.votes[row], strict=False) if not np.isnan(value)}
