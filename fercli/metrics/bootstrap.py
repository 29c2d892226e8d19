"""Uncertainty of a metric: its spread over resamples of the split."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fercli.errors import ConfigError
from fercli.metrics.counts import Cells, from_counts
from fercli.metrics.metric import Columns, Metric
from fercli.metrics.units import Units

NUM_RESAMPLES = 1000
DRAWN_AT_ONCE = 2**14  # rows of several resamples; more do not fit into the fast memory of a processor


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval of a metric over other test sets.

    Attributes:
        low: lower end; NaN where there is none.
        high: upper end.
        units: how many units were drawn, by kind; see `Units.counts`.
    """

    low: float
    high: float
    units: dict[str, int]

    def document(self) -> dict[str, Any]:
        """Return the fields for `metrics.json`; without ends where there are none."""
        ends = {} if np.isnan([self.low, self.high]).any() else {"low": self.low, "high": self.high}
        return ends | {"units": self.units}


def bootstrap_intervals(
    metrics: Mapping[str, Metric],
    columns: Columns,
    num_resamples: int = NUM_RESAMPLES,
    seed: int = 0,
    level: float = 0.95,
) -> dict[str, Interval]:
    """Percentile interval of each metric; metrics that read the same columns share their resamples.

    What is drawn with replacement are independent units with all their rows: subjects where the table names them, else
    videos, else rows (see `units_of`). Photographs of one person are no independent photographs; an interval that draws
    them one by one is too narrow. The interval holds for this trained network, not for a new training.

    Args:
        metrics: metrics by name.
        columns: columns of the prediction table, (n, ...) each.
        num_resamples: how often as many units as there are, are drawn.
        seed: seed of the draws.
        level: confidence level, in (0, 1).

    Returns:
        The interval of each metric that has one, by name; NaN without a labelled row and for a single unit.

    Source: Davison and Hinkley 1997, section 3.8, for the bootstrap of whole groups; Hesterberg 2015, section 5.3, for
    the quantiles (`Units.tail`).
    """
    if not 0 < level < 1:
        raise ConfigError(f"expected a level of confidence between 0 and 1, found {level}")
    metrics = {name: metric for name, metric in metrics.items() if metric.has_interval}
    ends = {}
    for sample in {_sample(metric) for metric in metrics.values()}:
        alike = {name: metric for name, metric in metrics.items() if _sample(metric) == sample}
        first = next(iter(alike.values()))
        ends.update(_intervals(alike, first.rows(columns), first.units(columns), num_resamples, seed, level))
    return {name: ends[name] for name in metrics}


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


def _sample(metric: Metric) -> tuple[object, ...]:
    return (type(metric), tuple(metric.reads), metric.per, metric.aggregation, metric.videos)


def _intervals(
    metrics: Mapping[str, Metric],
    values: tuple[np.ndarray, ...],
    units: Units,
    num_resamples: int,
    seed: int,
    level: float,
) -> dict[str, Interval]:
    if len(units) < 2:
        return dict.fromkeys(metrics, Interval(float("nan"), float("nan"), units.counts))
    drawn = on_resamples([metric.function for metric in metrics.values()], values, units, num_resamples, seed)
    low, high = quantiles(drawn, units, level)
    return {name: Interval(float(low[i]), float(high[i]), units.counts) for i, name in enumerate(metrics)}


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
