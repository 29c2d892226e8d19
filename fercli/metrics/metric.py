"""A number from columns of predictions, which says which columns it reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fercli.errors import RunError

# Columns in which -1 (of whole numbers) and NaN mean unknown.
LABELS = ("expression", "valence", "arousal", "score", "age")

Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Metric:
    """A metric of a whole split: a mean over batches would be another number.

    Attributes:
        function: called with the columns in the order of `reads`, gives a float.
        reads: names of columns of the prediction table; rows that lack one of the labels among them do not count.
    """

    function: Callable[..., float]
    reads: Sequence[str]

    def __call__(self, columns: Columns) -> float:
        """The value over all rows that carry the labels; NaN without any.

        Raises:
            RunError: a prediction is not a finite number.
        """
        rows = self.rows(columns)
        return float(self.function(*rows)) if len(rows[0]) else float("nan")

    def rows(self, columns: Columns) -> tuple[np.ndarray, ...]:
        """The columns that it reads, without the rows that lack a label."""
        known = known_rows(columns, self.reads)
        values = tuple(columns[name][known] for name in self.reads)
        if not all(np.isfinite(value).all() for value in values):
            raise RunError("expected finite predictions, found NaN: training has diverged; lower optimizer.lr")
        return values

    def is_possible(self, columns: Columns) -> bool:
        """Whether every column is there, and some row carries every label."""
        return all(name in columns for name in self.reads) and bool(known_rows(columns, self.reads).any())


def known_rows(columns: Columns, names: Sequence[str]) -> np.ndarray:
    """(n,) bool: the rows that carry every label among these columns."""
    known = np.ones(len(columns[names[0]]), dtype=bool)
    for name in names:
        if name in LABELS:
            column = columns[name]
            known &= ~np.isnan(column) if column.dtype.kind == "f" else column >= 0
    return known
