"""Uncertainty of a metric: its spread over resamples of the split."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from fercli.errors import ConfigError
from fercli.metrics.counts import Cells, from_counts
from fercli.metrics.metric import Columns, Metric


def bootstrap_intervals(
    metrics: Mapping[str, Metric], columns: Columns, num_resamples: int = 1000, seed: int = 0, level: float = 0.95
) -> dict[str, tuple[float, float]]:
    """Percentile interval of each metric; metrics that read the same columns share their resamples.

    Rows (or videos or sittings, for a metric by video or sitting) are drawn as if they were independent. Photographs
    of one person and frames of one video are not independent, so their interval is too narrow. The interval holds for
    this trained network, not for a new training.

    Args:
        metrics: metrics by name.
        columns: columns of the prediction table, (n, ...) each.
        num_resamples: how often the rows with the labels are drawn with replacement.
        seed: seed of the draws.
        level: confidence level, in (0, 1).

    Returns:
        Lower and upper end of each metric that has an interval, by name; NaN without a labelled row.

    Source: Efron and Tibshirani 1993, chapter 13.
    """
    if not 0 < level < 1:
        raise ConfigError(f"expected a level of confidence between 0 and 1, found {level}")
    metrics = {name: metric for name, metric in metrics.items() if metric.has_interval}
    ends = {}
    for sample in {_sample(metric) for metric in metrics.values()}:
        alike = {name: metric for name, metric in metrics.items() if _sample(metric) == sample}
        values = next(iter(alike.values())).rows(columns)
        ends.update(_intervals(alike, values, num_resamples, seed, level))
    return {name: ends[name] for name in metrics}


def on_resamples(
    functions: Sequence[Callable[..., float]], values: Sequence[np.ndarray], num_resamples: int, seed: int = 0
) -> np.ndarray:
    """(num_resamples, m) values of m functions, all on the same rows, drawn with replacement.

    Equal numbers of rows and equal seeds give equal draws, so that networks are compared on the same samples.

    Args:
        functions: called with the columns.
        values: the columns, (n, ...) each, n at least 1.
        num_resamples: how often n rows are drawn.
        seed: seed of the draws.
    """
    generator, num_rows = np.random.default_rng(seed), len(values[0])
    drawn = np.empty((num_resamples, len(functions)))
    of_counts = {place: found for place, one in enumerate(functions) if (found := from_counts(one)) is not None}
    of_rows = {place: one for place, one in enumerate(functions) if place not in of_counts}
    cells = Cells.of(tuple(values)) if of_counts else None
    for resample in drawn:
        rows = generator.integers(num_rows, size=num_rows)
        if cells is not None:  # rows are counted once, instead of drawing all their probabilities for each function
            matrix = cells.matrix(rows)
            for place, function in of_counts.items():
                resample[place] = function(matrix)
        sample = tuple(value[rows] for value in values) if of_rows else ()
        for place, function in of_rows.items():
            resample[place] = function(*sample)
    return drawn


def _sample(metric: Metric) -> tuple[object, ...]:
    return (type(metric), tuple(metric.reads), metric.per, metric.aggregation, metric.videos)


def _intervals(
    metrics: Mapping[str, Metric], values: tuple[np.ndarray, ...], num_resamples: int, seed: int, level: float
) -> dict[str, tuple[float, float]]:
    if len(values[0]) == 0:
        return dict.fromkeys(metrics, (float("nan"), float("nan")))
    drawn = on_resamples([metric.function for metric in metrics.values()], values, num_resamples, seed)
    low, high = np.nanquantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return {name: (float(low[i]), float(high[i])) for i, name in enumerate(metrics)}
