"""Metrics of the confusion matrix: from the rows of a prediction table, or from counts alone."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from inspect import Parameter, Signature, signature
from typing import Any, Concatenate, ParamSpec

import numpy as np
from scipy.sparse import csr_array

from fercli.metrics.units import Units

Options = ParamSpec("Options")


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


def of_matrix(
    function: Callable[Concatenate[np.ndarray, Options], float],
) -> Callable[Concatenate[np.ndarray, np.ndarray, Options], float]:
    """Turn a metric of the confusion matrix (K, K) into one of the class index (n,) and the probabilities (n, K).

    `from_counts` gives the metric of the matrix back.
    """

    @wraps(function)
    def metric(
        expression: np.ndarray, probabilities: np.ndarray, *args: Options.args, **options: Options.kwargs
    ) -> float:
        return function(counted(cells(expression, probabilities), probabilities.shape[1]), *args, **options)

    _, *options = signature(function).parameters.values()
    columns = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in ("expression", "probabilities")]
    vars(metric).update(__signature__=Signature([*columns, *options]), of_matrix=function)
    return metric


def from_counts(function: Callable[..., float]) -> Callable[[np.ndarray], float] | None:
    """Return the same metric as a function of the confusion matrix; None where it needs more of the rows."""
    if isinstance(function, partial):
        inner = from_counts(function.func)
        return None if inner is None else partial(inner, *function.args, **function.keywords)
    found: Callable[[np.ndarray], float] | None = getattr(function, "of_matrix", None)
    return found


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

    def singly(self, function: Callable[[np.ndarray], float]) -> np.ndarray:
        """(n,) value of the function for each row alone; it is called once for each cell that occurs."""
        first, place = np.unique(self.cell, return_index=True, return_inverse=True)[1:]
        return np.array([function(self.matrix(row)) for row in first[:, None]])[place]


@dataclass(frozen=True)
class CellsByUnit:
    """(K * K, num_units) number of rows of each unit in each cell of the confusion matrix of K classes."""

    counts: Any
    num_classes: int

    def matrix(self, drawn: np.ndarray) -> np.ndarray:
        """(K, K) counts of all rows of drawn units; a unit may be drawn several times."""
        weights = np.bincount(drawn, minlength=self.counts.shape[1])
        found: np.ndarray = (self.counts @ weights).reshape(self.num_classes, self.num_classes)
        return found
