"""Equal classes by repeating the rows of rare ones, or by leaving out rows of frequent ones."""

import numpy as np

from fercli.batch import Labels
from fercli.samplers.groups import groups_of, members


class Up:
    """Every class as often as the largest one: an epoch has (number of classes) x (size of the largest) rows.

    Each labelled row comes at least once. Within a class, the numbers of times that rows come differ by at most one.
    Which rows come once more changes from epoch to epoch. Rows without an expression are never drawn.
    """

    def __call__(self, labels: Labels, seed: int, epoch: int) -> np.ndarray:
        """(n,) int64 rows of one epoch.

        Raises:
            DataError: no row has an expression.
        """
        rows_by_class = members(groups_of(labels, "expression"))
        return _resampled(rows_by_class, max(map(len, rows_by_class)), seed, epoch)


class Down:
    """Every class as often as the smallest one: an epoch has (number of classes) x (size of the smallest) rows.

    No row comes twice in an epoch, and another random part of each class is drawn in the next. Rows without an
    expression are never drawn.
    """

    def __call__(self, labels: Labels, seed: int, epoch: int) -> np.ndarray:
        """(n,) int64 rows of one epoch.

        Raises:
            DataError: no row has an expression.
        """
        rows_by_class = members(groups_of(labels, "expression"))
        return _resampled(rows_by_class, min(map(len, rows_by_class)), seed, epoch)


def _resampled(rows_by_class: list[np.ndarray], size: int, seed: int, epoch: int) -> np.ndarray:
    """`size` rows of each class, every row of it before any comes again, all in random order."""
    rng = np.random.default_rng([seed, epoch])
    drawn = [np.resize(rng.permutation(rows), size) for rows in rows_by_class]
    return rng.permutation(np.concatenate(drawn)).astype(np.int64)
