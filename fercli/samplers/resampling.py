"""Equal classes by repeating rows of rare classes, or by leaving out rows of frequent classes."""

import numpy as np

from fercli.batch import Labels
from fercli.samplers.groups import groups_of, members


class Up:
    """Every class as often as the largest one: an epoch has (number of classes) x (size of the largest) rows.

    Each labelled row comes at least once. Within a class, some rows come at most once more than others; these rows
    change from epoch to epoch. Rows without an expression are never drawn.
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

    No row comes twice in an epoch. Each epoch draws another random part of each class. Rows without an expression are
    never drawn.
    """

    def __call__(self, labels: Labels, seed: int, epoch: int) -> np.ndarray:
        """(n,) int64 rows of one epoch.

        Raises:
            DataError: no row has an expression.
        """
        rows_by_class = members(groups_of(labels, "expression"))
        return _resampled(rows_by_class, min(map(len, rows_by_class)), seed, epoch)


def _resampled(rows_by_class: list[np.ndarray], size: int, seed: int, epoch: int) -> np.ndarray:
    """Draw `size` rows of each class in random order; rows repeat only after every row of the class is drawn."""
    rng = np.random.default_rng([seed, epoch])
    drawn = [np.resize(rng.permutation(rows), size) for rows in rows_by_class]
    return rng.permutation(np.concatenate(drawn)).astype(np.int64)
