"""The labels of training rows after noise, and what changed."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from fercli.datasets.store import Store
from fercli.errors import ConfigError, RunError, reading
from fercli.spreadsheet import SpreadsheetWriter, plain_cell

MOST_CLASSES = 100  # of a transition matrix that is recorded; larger ones would fill the file
FILE = "noise.csv"  # in a run folder
COLUMNS = ("id", "label", "noisy")


@dataclass(frozen=True)
class NoisyLabels:
    """Labels of training rows, before and after noise.

    Attributes:
        rows: (n,) row numbers of the store.
        noisy: (n,) int64 class index after the noise, -1 for a row without a class.
        words: what the noise is, such as `30 % symmetric (noise seed 0)`.
        counts: number of lines of a label file by what was found, see `fercli.datasets.noise.file.COUNTED`.
    """

    rows: np.ndarray
    noisy: np.ndarray
    words: str
    counts: Mapping[str, int] = field(default_factory=dict)

    def applied(self, store: Store) -> Store:
        """Return a view of the store with the noisy labels.

        In a row whose label changes, the votes for the old and for the new class change places: the row looks as if the
        annotators had confused the two classes. A row that the store gives no class keeps its votes.
        """
        view = copy(store)
        labels, votes = store.labels.copy(), store.votes.copy()
        is_changed = store.labels[self.rows] != self.noisy
        rows, new = self.rows[is_changed], self.noisy[is_changed]
        old = labels[rows]
        had = old >= 0
        swapped, a, b = rows[had], old[had], new[had]
        votes[swapped, a], votes[swapped, b] = store.votes[swapped, b], store.votes[swapped, a]
        labels[self.rows] = self.noisy
        view.labels, view.votes = labels, votes
        return view

    def matrix(self, store: Store) -> np.ndarray:
        """(K, K) number of training rows by class of the store (row) and noisy class (column)."""
        given, num_classes = store.labels[self.rows], len(store.classes)
        known = given >= 0
        cells = given[known] * num_classes + self.noisy[known]
        return np.bincount(cells, minlength=num_classes**2).reshape(num_classes, num_classes)

    def facts(self, store: Store) -> dict[str, Any]:
        """Return what `metrics.json` records: the noise in words, rows with a class, changed rows, the matrix."""
        matrix = self.matrix(store)
        facts = {
            "words": self.words,
            "num_rows": int(matrix.sum()),
            "num_changed": int(matrix.sum() - np.trace(matrix)),
            "counts": dict(self.counts),
        }
        small = len(store.classes) <= MOST_CLASSES
        return facts | ({"classes": list(store.classes), "transition": matrix.tolist()} if small else {})

    @classmethod
    def recorded(cls, path: Path, facts: Mapping[str, Any], store: Store, rows: np.ndarray) -> "NoisyLabels":
        """Read back what `write` and `facts` recorded of a run.

        Args:
            rows: the training rows of the run.

        Raises:
            RunError: the file is damaged.
        """
        noisy = store.labels[rows].copy()
        with reading(path, "the rows with a changed label", error=RunError, remedy="train this run again"):
            frame = pd.read_csv(path, dtype=str, keep_default_na=False)
            index = {str(plain_cell(name)): place for place, name in enumerate(store.classes)}
            changed = {name: index[label] for name, label in zip(frame["id"], frame["noisy"], strict=True)}
        for place, name in enumerate(store.column("id")[rows]):
            noisy[place] = changed.get(str(plain_cell(name)), noisy[place])
        return cls(rows, noisy, str(facts["words"]), facts.get("counts", {}))

    def write(self, store: Store, path: Path) -> None:
        """Write the changed rows as CSV: id, class of the store (empty where it gives none), noisy class."""
        names, ids = store.classes, store.column("id")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = SpreadsheetWriter(file, COLUMNS)
            for row, new in zip(self.rows, self.noisy, strict=True):
                if (old := store.labels[row]) != new:
                    given = "" if old < 0 else names[old]
                    writer.write([dict(zip(COLUMNS, (ids[row], given, names[new]), strict=True))])


class Noise(Protocol):
    """A choice of `conf/noise`."""

    @property
    def words(self) -> str:
        """What the noise is, for the protocol: a few words, without reading a file."""

    def of(self, store: Store, rows: np.ndarray, pool: np.ndarray) -> NoisyLabels:
        """Return the noisy labels of some training rows.

        Args:
            rows: row numbers of the store.
            pool: all rows that may be trained on, of which the noise reads which classes there are, and their shares.
        """


def require_classes(store: Store) -> None:
    """Raise ConfigError for a store without classes: noise changes one class to another."""
    if not store.classes:
        raise ConfigError(
            f"noise changes the class of training rows, but {store.path} has no classes (scores, or valence and "
            "arousal alone); leave out noise="
        )
