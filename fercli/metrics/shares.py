"""Interval of a share of right samples, such as the recall of one class, over what is independent."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

from fercli.metrics.bootstrap import Interval
from fercli.metrics.metric import Columns
from fercli.metrics.units import Units, units_of

LEVEL = 0.95


def score_interval(share: float, number: float, quantile: float) -> tuple[float, float]:
    """Score interval of a share, in [0, 1]; NaN where the number is 0.

    Args:
        share: observed share, in [0, 1].
        number: independent observations; need not be whole.
        quantile: of the normal or of Student's t distribution, on each side; 1.96 for 95 %.

    Source: Wilson 1927.
    """
    if number <= 0 or math.isnan(share):
        return math.nan, math.nan
    z = quantile
    middle = (share + z**2 / (2 * number)) / (1 + z**2 / number)
    half = z / (1 + z**2 / number) * math.sqrt(share * (1 - share) / number + z**2 / (4 * number**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def normal_quantile(level: float = LEVEL) -> float:
    """Return the quantile of the normal distribution that an interval of this confidence level takes on each side."""
    return float(stats.norm.ppf((1 + level) / 2))


def share_over_units(holds: np.ndarray, units: Units) -> Interval:
    """Return the 95 % interval of a share of samples, in [0, 1]; NaN without samples and for a single unit.

    Samples that are all independent have Wilson's interval. Else, it is Wilson's interval for the number of independent
    samples that would say as much, with Student's t. With p the share, h_u right ones among the s_u samples of unit u,
    n samples and m = `units.effective`,

        variance = m / (m - 1) sum_u (h_u - p s_u)^2 / n^2,    number = n (p (1 - p) / (n - 1)) / variance,

    at most n, and at least m, as if all samples of a unit were alike; where all are right or all are wrong, it is m.
    Unlike resamples of units, it has a width there, too.

    Args:
        holds: (n,) bool.
        units: of the n samples.

    Source: Dean and Pagano 2015, "Evaluating confidence interval methods for binomial proportions in clustered
    surveys", for Wilson's interval with the design effect; Kish 1965, section 11.7, for m.
    """
    if not len(holds):
        return Interval(math.nan, math.nan, units.counts)
    value, number = float(holds.mean()), float(len(holds))
    if set(units.counts) == {"row"}:
        return Interval(*score_interval(value, number, normal_quantile()), units.counts)
    if len(units) < 2:
        return Interval(math.nan, math.nan, units.counts)
    off = np.bincount(units.number, holds - value, minlength=len(units))
    variance = units.inflation * float(off @ off) / number**2
    alone = value * (1 - value) / (number - 1)
    told = number * alone / variance if variance > 0 else 0.0
    return Interval(*score_interval(value, float(np.clip(told, units.effective, number)), units.t(LEVEL)), units.counts)


def shares_by_group(holds: np.ndarray, group: np.ndarray, num_groups: int, columns: Columns) -> list[Interval]:
    """Return the interval of the share in each group, such as a true class or an age group.

    Args:
        holds: (n,) bool.
        group: (n,) number of the group of each sample, from 0.
        columns: of the n samples; those that name subjects, sittings and videos are read.
    """
    rows = [np.flatnonzero(group == one) for one in range(num_groups)]
    return [share_over_units(holds[own], units_of(columns, own)) for own in rows]


def ends_of(intervals: Sequence[Interval]) -> np.ndarray:
    """(2, n) lower and upper ends."""
    return np.array([[one.low, one.high] for one in intervals], dtype=float).reshape(-1, 2).T
