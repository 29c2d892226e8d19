"""The cell of each row in a confusion matrix, and how many rows of each unit lie in each cell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from fercli.metrics.units import Units


def cells(expression: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(n,) int64 cell of each row in the confusion matrix: true class times K, plus the most probable class.

    Args:
        expression: (n,) class index.
        probabilities: (n, K).
    """
    found: np.ndarray = expression * probabilities.shape[1] + probabilities.argmax(axis=1)
    return found


def counted(cell: np.ndarray, num_classes: int) -> np.ndarray:
    """(K, K) int64 number of rows in each cell, from `cells`."""
    return np.bincount(cell, minlength=num_classes**2).reshape(num_classes, num_classes)


@dataclass(frozen=True)
class Cells:
    """The cell (n,) of each row in the confusion matrix of K classes."""

    cell: np.ndarray
    num_classes: int

    @classmethod
    def of(cls, columns: tuple[Any, ...]) -> "Cells":
        """Find the cells of the rows with these columns: class index (n,), probabilities (n, K)."""
        expression, probabilities = columns
        return cls(cells(expression, probabilities), probabilities.shape[1])

    def matrix(self, rows: np.ndarray) -> np.ndarray:
        """(K, K) counts of some rows; a row may occur several times."""
        return counted(self.cell[rows], self.num_classes)

    def by_unit(self, units: Units) -> "CellsByUnit":
        """Count the cells in each unit."""
        size = (self.num_classes**2, len(units))
        ones = np.ones(len(self.cell), dtype=np.int64)
        return CellsByUnit(csr_array((ones, (self.cell, units.number)), shape=size), self.num_classes)

    def singly(self, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """(n,) value for each row alone of a function of matrices (..., K, K)."""
        found, place = np.unique(self.cell, return_inverse=True)
        alone = np.zeros((len(found), self.num_classes**2), dtype=np.int64)
        alone[np.arange(len(found)), found] = 1
        return function(alone.reshape(-1, self.num_classes, self.num_classes))[place]


@dataclass(frozen=True)
class CellsByUnit:
    """(K * K, num_units) number of rows of each unit in each cell of the confusion matrix of K classes."""

    counts: Any
    num_classes: int

    def matrices(self, drawn: np.ndarray) -> np.ndarray:
        """(r, K, K) counts of all rows of units, drawn r times (r, m); a unit may be drawn several times at once."""
        draws, number = len(drawn), self.counts.shape[1]
        place = drawn + number * np.arange(draws)[:, None]
        weights = np.bincount(place.ravel(), minlength=draws * number).reshape(draws, number)
        found = np.ascontiguousarray((self.counts @ weights.T).T)
        return found.reshape(draws, self.num_classes, self.num_classes)
