"""The rows of a run whose class is known and was predicted."""

from dataclasses import dataclass

import numpy as np

from fercli.intervals import NOT_SAID, kinds_in_words
from fercli.metrics.classification import confusion_matrix
from fercli.metrics.metric import known_rows
from fercli.metrics.units import units_of

NUM_LARGEST = 10  # classes that a figure shows if there are too many


def largest_classes(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Return the ascending indices of the `NUM_LARGEST` classes with most samples; `labels` (n,) are all known."""
    return np.sort(np.argsort(-np.bincount(labels, minlength=num_classes), kind="stable")[:NUM_LARGEST])


@dataclass(frozen=True)
class Classified:
    """The rows whose class is known and was predicted: a view of the columns, with `predicted` (n,)."""

    columns: dict[str, np.ndarray]

    @property
    def labels(self) -> np.ndarray:
        """(n,) true class index."""
        return self.columns["expression"]

    @property
    def predicted(self) -> np.ndarray:
        """(n,) most probable class index."""
        return self.columns["probabilities"].argmax(1)

    @property
    def units_in_words(self) -> str:
        """What intervals over these rows are over, such as `subjects`."""
        counts = units_of(self.columns, np.arange(len(self.labels))).counts
        return NOT_SAID if set(counts) == {"row"} else kinds_in_words(counts)

    @property
    def matrix(self) -> np.ndarray:
        """(K, K) counts."""
        return confusion_matrix(self.labels, self.columns["probabilities"])


def classified(columns: dict[str, np.ndarray]) -> Classified | None:
    """Return the rows whose class is known; None without any, or where no class was predicted."""
    known = known_rows(columns, ["expression"])
    if "probabilities" not in columns or not known.any():
        return None
    return Classified({name: column[known] for name, column in columns.items()})
