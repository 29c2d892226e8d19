"""Jackknife pseudo-values of a metric in groups of rows, one for each unit."""

from collections.abc import Callable, Sequence

import numpy as np

MOST_UNITS = 500  # more units are merged at random into so many, since each one costs an evaluation of the metric
Share = Callable[[np.ndarray], float]  # the metric of some rows, given their places in the group


def pseudo_values(
    of_rows: Sequence[Share], units: Sequence[np.ndarray], seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """(U, G) jackknife pseudo-values of G groups for U units, NaN for a unit without rows in a group; (U, G) its rows.

    Args:
        of_rows: for each group, the metric of some of its rows.
        units: for each group, the unit of each of its rows, (n_g,).
        seed: of the draw that merges units, where there are more than 500.
    """
    number = np.unique(np.concatenate(units), return_inverse=True)[1]
    if (num_units := int(number.max()) + 1) > MOST_UNITS:
        number = np.random.default_rng(seed).permutation(np.arange(num_units) % MOST_UNITS)[number]
    found = np.full((int(number.max()) + 1, len(units)), np.nan)
    num_rows = np.zeros(found.shape, dtype=int)
    ends = np.cumsum([len(one) for one in units])[:-1]
    for group, (share, own) in enumerate(zip(of_rows, np.split(number, ends), strict=True)):
        there, counts = np.unique(own, return_counts=True)
        whole = share(np.arange(len(own)))
        without = np.array([share(np.flatnonzero(own != unit)) for unit in there])
        found[there, group] = len(there) * whole - (len(there) - 1) * without
        num_rows[there, group] = counts
    return found, num_rows
