"""Intervals of metrics, from their spread over resamples of the split."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fercli.errors import ConfigError
from fercli.metrics.metric import Columns, Metric
from fercli.metrics.resamples import on_resamples, quantiles
from fercli.metrics.units import Units

NUM_RESAMPLES = 1000


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
