"""Functions of all samplers by group: rows in numbered groups, and drawing with unequal probability."""

import numpy as np

from fercli.batch import Labels
from fercli.errors import DataError

UNGROUPED = -1  # a row that belongs to no group is never drawn


def groups_of(labels: Labels, name: str) -> np.ndarray:
    """(N,) int64 group of each row, UNGROUPED where unlabelled.

    Args:
        name: name of an integer label: `expression` groups by class, `session` by sitting, `subject` by person.

    Raises:
        DataError: no row has that label.
    """
    groups: np.ndarray = getattr(labels, name)
    if not (groups >= 0).any():
        raise DataError(
            f"the sampler draws by '{name}', which no training row carries; use sampler=shuffle, or other data"
        )
    return np.where(groups >= 0, groups, UNGROUPED)


def members(groups: np.ndarray) -> list[np.ndarray]:
    """Return the row numbers of each group that has rows, ascending."""
    order = np.argsort(groups, kind="stable")
    present, starts = np.unique(groups[order], return_index=True)
    return [rows for group, rows in zip(present, np.split(order, starts[1:]), strict=True) if group != UNGROUPED]


def inverse_frequency(groups: np.ndarray) -> np.ndarray:
    """(N,) weight of each row: size of the smallest group / size of its group, in (0, 1]; 0 where ungrouped."""
    weights = np.zeros(len(groups))
    rows_by_group = members(groups)
    smallest = min(map(len, rows_by_group), default=0)
    for rows in rows_by_group:
        weights[rows] = smallest / len(rows)
    return weights


def draw(weights: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """(n,) int64 rows drawn independently, with replacement, with probabilities proportional to (N,) weights.

    n is the number of rows with a weight above 0.
    """
    rows = np.flatnonzero(weights)
    chances = weights[rows] / weights[rows].sum()
    return np.random.default_rng([seed, epoch]).choice(rows, size=len(rows), p=chances).astype(np.int64)
