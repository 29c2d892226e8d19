"""Differences of a metric between groups of rows: intervals, and a permutation test.

Let theta_g be the metric in group g, and theta_g(-u) the metric without the rows of unit u (a subject, a video, or a
row: what is independent of the rest). With n_g units in the group, its jackknife pseudo-values are

    P_ug = n_g theta_g - (n_g - 1) theta_g(-u)    (Tukey 1958; Efron and Tibshirani 1993, equation 11.23).

For the share of right rows and one row a unit, they are the rows themselves, 1 or 0. With their mean m_g in the group,
the difference of two groups has the variance

    V_ab = sum_u (c_ua - c_ub)^2,    c_ug = (P_ug - m_g) / sqrt(n_g (n_g - 1)), and 0 for a unit without rows in g.

For units in one group each, this is the variance of Welch's t test; for units in both groups, of the paired t test. The
statistic of a column is the largest |m_a - m_b| / sqrt(V_ab) of its pairs of groups. Its distribution without any
difference comes from two sources, and the larger p of the two counts:

- Permutations. Where a unit lies in one group (gender), the groups are permuted among the units; where a unit has rows
  in several groups (camera, pose), its pseudo-values are permuted among its groups. A studentized statistic keeps the
  level for many units also where the groups have equal metrics and unequal spreads or sizes (Janssen 1997; Chung and
  Romano 2013; DiCiccio et al. 2020 for metrics of groups; Konietschke and Pauly 2014 for pairs).
- The bootstrap t (Hall 1992, section 3.5; Davison and Hinkley 1997, section 4.4). The units of each group are drawn
  with replacement, with their pseudo-values minus the mean of their group. So each group keeps its own spread and
  skewness, which permutations mix, and which matter in groups of few units. Of a group with n_g units, n - 1 are drawn,
  with n the effective number of units (Kish 1965), rounded down: resamples of n_g units vary less than samples do (Rao
  and Wu 1988 draw n_g - 1), and units of unlike sizes say less than as many of equal size.

With few units, each of the two alone finds differences too often (`benchmarks/gap_size.py`). The p of each pair is
corrected for the pairs of its column by the largest statistic (Westfall and Young 1993). The intervals of all pairs are
m_a - m_b plus or minus sqrt(V_ab) times the 95 % quantile of the largest statistic over the resamples.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import stats

from fercli.metrics.gap_draws import permutations, resamples

NUM_DRAWS = 1999  # permutations, and resamples
LEVEL = 0.95

BETWEEN, WITHIN = "groups of units", "groups within units"


@dataclass(frozen=True, slots=True)
class Pair:
    """The difference of two groups, first minus second, in the unit of the metric.

    Attributes:
        first: place of the first group.
        low: lower end of the interval. All intervals of a column hold together with 95 %.
        p: two-sided, corrected for the pairs of the column.
    """

    first: int
    second: int
    difference: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Gaps:
    """The test of one column.

    Attributes:
        p: of no difference between any two groups; the smallest p of a pair.
        design: what was permuted.
        num_units: units that the test uses.
    """

    p: float
    design: str
    num_units: int
    pairs: tuple[Pair, ...]


def gaps(pseudo: np.ndarray, num_rows: np.ndarray, num_draws: int = NUM_DRAWS, seed: int = 0) -> Gaps | None:
    """Test the differences of G groups from their pseudo-values.

    Most units decide the design. Units that do not fit it, such as a subject with two genders by mistake, stay in the
    intervals and are left out of the test.

    Args:
        pseudo: (U, G) of `pseudo_values`, G at least 2.
        num_rows: (U, G) of `pseudo_values`.
        num_draws: of permutations, and of resamples; the smallest p is 1 / (1 + num_draws).
        seed: of the draws.

    Returns:
        None where the metric has no value without some unit, or the test has fewer than 2 units in a group.
    """
    if np.isinf(pseudo).any() or not (np.isfinite(pseudo).sum(axis=0) >= 2).all():
        return None
    num_groups_of = np.isfinite(pseudo).sum(axis=1)
    within = (num_groups_of > 1).sum() > (num_groups_of == 1).sum()
    fits = num_groups_of > 1 if within else num_groups_of == 1
    tested, sizes = pseudo[fits], num_rows[fits].sum(axis=1)
    if not (np.isfinite(tested).sum(axis=0) >= 2).all():
        return None
    pairs = list(combinations(range(pseudo.shape[1]), 2))
    first, second = (np.array(side) for side in zip(*pairs, strict=True))
    seen = _statistics(tested[None], first, second)[0]
    generator = np.random.default_rng(seed)
    p, largest = np.zeros(len(pairs)), np.zeros(0)
    for parts in (
        permutations(tested, within, num_draws, generator),
        resamples(tested, sizes, within, num_draws, generator),
    ):
        largest = np.concatenate([_statistics(drawn, first, second).max(axis=1) for drawn in parts])
        largest = np.nan_to_num(largest, nan=np.inf, posinf=np.inf)  # a resample may leave a group without spread
        exceeded = (largest[:, None] >= seen * (1 - 1e-9)).sum(axis=0)
        p = np.maximum(p, (1 + exceeded) / (1 + num_draws))
    ends = _intervals(pseudo, first, second, largest)
    found = [
        Pair(one, other, difference, low, high, q)
        for (one, other), (difference, low, high), q in zip(pairs, ends.tolist(), p.tolist(), strict=True)
    ]
    return Gaps(float(p.min()), WITHIN if within else BETWEEN, len(tested), tuple(found))


def _spread(pseudo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means (..., G) and covariances of the means (..., G, G) of pseudo-values (..., U, G)."""
    there = ~np.isnan(pseudo)
    number = there.sum(axis=-2)
    filled = np.where(there, pseudo, 0.0)
    mean = filled.sum(axis=-2) / number
    part = np.where(there, (pseudo - mean[..., None, :]) / np.sqrt(number * (number - 1))[..., None, :], 0.0)
    return mean, np.swapaxes(part, -1, -2) @ part


def _differences(pseudo: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Difference and its standard error for each pair of groups, (..., pairs) each."""
    mean, covariance = _spread(pseudo)
    own = np.diagonal(covariance, axis1=-2, axis2=-1)
    variance = own[..., first] + own[..., second] - 2 * covariance[..., first, second]
    return mean[..., first] - mean[..., second], np.sqrt(np.maximum(variance, 0.0))


def _statistics(pseudo: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(..., pairs) absolute studentized differences; infinite for a difference without any spread."""
    difference, error = _differences(pseudo, first, second)
    size = np.abs(difference)
    size = np.where(size <= 1e-12 * (1 + np.nanmax(np.abs(pseudo))), 0.0, size)  # rounding
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(size == 0, 0.0, size / error)


def _intervals(pseudo: np.ndarray, first: np.ndarray, second: np.ndarray, largest: np.ndarray) -> np.ndarray:
    """(pairs, 3) difference, lower and upper end, by the largest statistic of each resample, (num_draws,).

    Where too many resamples have no spread at all, by t with the units of the smaller group and Bonferroni.
    """
    difference, error = _differences(pseudo, first, second)
    number = np.isfinite(pseudo).sum(axis=0)
    factor = np.full(len(first), np.quantile(largest, LEVEL, method="higher"))
    degrees = np.minimum(number[first], number[second]) - 1
    factor = np.where(np.isfinite(factor), factor, stats.t.ppf(1 - (1 - LEVEL) / (2 * len(first)), degrees))
    return np.stack([difference, difference - factor * error, difference + factor * error], axis=1)
