"""Noise that is drawn from a transition matrix: symmetric, pairwise, or by confusion."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fercli.datasets.noise.matrix_file import transition_of
from fercli.datasets.noise.noisy import NoisyLabels, require_classes
from fercli.datasets.noise.transition import changed, pair, scaled, symmetric
from fercli.datasets.store import Store
from fercli.errors import ConfigError


def draws(store: Store, seed: int) -> np.ndarray:
    """(N,) a number in [0, 1) for every row of a store; the frames of one video share theirs.

    The number of a row depends on the store and the seed alone, not on which rows a run trains on. So runs with other
    seeds, shares of the training split or losses see the same wrong labels in the rows that they share.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ConfigError(f"expected noise.seed as a whole number, at least 0; found {seed}")
    keys = [f"v:{name}" if name is not None else f"i:{row}" for row, name in enumerate(store.column("video"))]
    _, first, number = np.unique(keys, return_index=True, return_inverse=True)
    place = np.argsort(np.argsort(first))[number]  # units in the order of their first row
    return np.random.default_rng(seed).random(len(first))[place]


@dataclass(frozen=True)
class Drawn(ABC):
    """Noise by a transition matrix, drawn row by row."""

    rate: float | None
    seed: int

    @abstractmethod
    def transition(self, store: Store, present: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """(K, K) matrix; `present` and `shares` (K,) are of the classes in all training rows."""

    def of(self, store: Store, rows: np.ndarray, pool: np.ndarray) -> NoisyLabels:
        """Return the noisy labels of some training rows.

        Args:
            rows: row numbers of the store.
            pool: all rows that may be trained on.

        Raises:
            ConfigError: the store has no classes, or an option is out of range.
            DataError: a file cannot be read.
        """
        require_classes(store)
        counts = np.bincount(store.labels[pool] + 1, minlength=len(store.classes) + 1)[1:]
        matrix = self.transition(store, counts > 0, counts / max(1, counts.sum()))
        return NoisyLabels(rows, changed(store.labels[rows], draws(store, self.seed)[rows], matrix), self.words)

    @property
    def words(self) -> str:
        """What the noise is."""
        share = "" if self.rate is None else f"{100 * self.rate:g} % "
        return f"{share}{self.name} (noise seed {self.seed})"

    @property
    @abstractmethod
    def name(self) -> str:
        """What kind of noise it is."""


class Symmetric(Drawn):
    """Each label changes with probability `rate`, to any other class; see `fercli.datasets.noise.transition`."""

    name = "symmetric"

    def transition(self, store: Store, present: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """(K, K) matrix."""
        return symmetric(present, self.rate)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Pair(Drawn):
    """Each label changes with probability `rate`, to the one class that `to` names, or to the next class."""

    to: Mapping[str, str] | str = "next"

    @property
    def name(self) -> str:
        """What kind of noise it is."""
        if isinstance(self.to, str):
            return "to the next class"
        return ", ".join(f"{a} to {b}" for a, b in self.to.items())

    def transition(self, store: Store, present: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """(K, K) matrix."""
        if isinstance(self.to, str) and self.to != "next":
            raise ConfigError(f"expected noise.to=next or pairs such as {{fear: surprise}}; found {self.to}")
        to = None if isinstance(self.to, str) else dict(self.to)
        return pair(present, self.rate, store.classes, to)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Confusion(Drawn):
    """Each label changes as a confusion matrix says: that of a CSV file, or that of a finished run.

    Args:
        rate: share of all training labels that change; the matrix is scaled to it. None takes the matrix as it is.
        matrix: CSV file or run folder, see `fercli.datasets.noise.matrix_file`.
    """

    matrix: str = ""

    name = "by confusion"

    def transition(self, store: Store, present: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """(K, K) matrix."""
        found = transition_of(Path(self.matrix), store.classes)
        if self.rate is None:
            return found
        if isinstance(self.rate, bool) or not 0 <= self.rate < 1:
            raise ConfigError(f"expected noise.rate of at least 0 and below 1, or null; found {self.rate}")
        return scaled(found, shares, self.rate)
