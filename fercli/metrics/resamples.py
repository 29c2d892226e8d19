"""Values of functions on resamples of a split, and the ends of their intervals."""

from collections.abc import Callable, Sequence

import numpy as np

from fercli.metrics.cells import Cells
from fercli.metrics.counts import from_counts
from fercli.metrics.units import Units

DRAWN_AT_ONCE = 2**14  # rows of several resamples; more do not fit into the fast memory of a processor


def on_resamples(
    functions: Sequence[Callable[..., float]],
    values: Sequence[np.ndarray],
    units: Units,
    num_resamples: int,
    seed: int = 0,
) -> np.ndarray:
    """(num_resamples, m) values of m functions, all on the same rows of units that are drawn with replacement.

    Equal units and equal seeds give equal draws, so that networks are compared on the same samples.

    Args:
        functions: called with the columns.
        values: the columns, (n, ...) each, n at least 1.
        units: of the n rows.
        num_resamples: how often as many units as there are, are drawn.
        seed: seed of the draws.
    """
    generator, number = np.random.default_rng(seed), len(units)
    drawn = np.empty((num_resamples, len(functions)))
    of_counts = {place: found for place, one in enumerate(functions) if (found := from_counts(one)) is not None}
    of_rows = {place: one for place, one in enumerate(functions) if place not in of_counts}
    cells = Cells.of(tuple(values)).by_unit(units) if of_counts else None
    matrices, at_once = [], max(1, DRAWN_AT_ONCE // len(units.number))
    for part in np.split(drawn, range(at_once, num_resamples, at_once)):
        chosen = generator.integers(number, size=(len(part), number))
        if cells is not None:  # rows are counted once, instead of drawing all their probabilities for each function
            matrices.append(cells.matrices(chosen))
        if of_rows:
            ends = np.cumsum(units.sizes[chosen].sum(axis=1))[:-1]
            for resample, rows in zip(part, np.split(units.samples_of(chosen.ravel()), ends), strict=True):
                sample = tuple(value[rows] for value in values)
                for place, function in of_rows.items():
                    resample[place] = function(*sample)
    for place, of_matrices in of_counts.items():
        drawn[:, place] = of_matrices(np.concatenate(matrices))
    return drawn


def quantiles(drawn: np.ndarray, units: Units, level: float = 0.95) -> np.ndarray:
    """(2, ...) ends of the interval of values on resamples (num_resamples, ...), with the tails of `Units.tail`.

    Resamples on which a value cannot be computed (NaN) do not count; the ends are NaN where it is so on all of them.
    """
    tail = units.tail(level)
    columns = drawn.reshape(len(drawn), -1)
    known = ~np.isnan(columns).all(axis=0)
    ends = np.full((2, columns.shape[1]), np.nan)
    ends[:, known] = np.nanquantile(columns[:, known], [tail, 1 - tail], axis=0)
    return ends.reshape(2, *drawn.shape[1:])
