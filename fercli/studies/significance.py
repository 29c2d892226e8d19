"""Paired tests over seeds, correction for many tests, and how many seeds a test would need. No files, only numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.05
POWER = 0.8
FEWEST_SEEDS = 3
MOST_SEEDS = 100  # beyond this, the number of seeds that would decide is not given
EXACT_SEEDS = 13  # up to so many, the sign-flip test takes all flips; beyond, as many random ones
NUM_FLIPS = 2**EXACT_SEEDS


@dataclass(frozen=True, slots=True)
class Paired:
    """What the differences between two rows over common seeds say; None where too few seeds have it.

    Attributes:
        n: number of seeds that both rows have.
        mean: of the differences, better minus worse, in the unit of the values; None without any.
        sd: of the differences, with n - 1.
        low: lower end of the 95 % t interval of the mean.
        high: upper end of it.
        p: of the paired t test, two-sided.
        p_flips: of the sign-flip test, two-sided; with n seeds, up to EXACT_SEEDS, it cannot fall below 2 / 2^n.
    """

    n: int
    mean: float | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_flips: float | None = None


def paired(differences: Sequence[float]) -> Paired:
    """Student's paired t test and the sign-flip test on the differences, one a seed.

    Source: Student 1908; Fisher 1935, section 21, through scipy.
    """
    n = len(differences)
    if n < 2:
        return Paired(n, float(differences[0]) if n else None)
    values = np.asarray(differences, dtype=float)
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    half = float(stats.t.ppf(1 - LEVEL / 2, n - 1)) * sd / math.sqrt(n)
    return Paired(n, mean, sd, mean - half, mean + half, _p_of_t(mean, sd, n), sign_flip(values))


def _p_of_t(mean: float, sd: float, n: int) -> float:
    if sd <= 1e-12 * abs(mean):
        return 0.0 if mean else 1.0
    return 2 * float(stats.t.sf(abs(mean) / sd * math.sqrt(n), n - 1))


def sign_flip(differences: np.ndarray) -> float:
    """Two-sided p of the mean, were each difference as likely with the other sign; exact up to EXACT_SEEDS."""
    found = stats.permutation_test(
        (differences,), lambda x, axis: x.mean(axis=axis), permutation_type="samples",
        vectorized=True, n_resamples=NUM_FLIPS, rng=0,
    )  # fmt: skip
    return min(1.0, float(found.pvalue))


def holm(p: Sequence[float | None]) -> list[float | None]:
    """p values corrected for their number; None, a test that could not be made, stays and does not count.

    Source: Holm 1979.
    """
    known = sorted((value, i) for i, value in enumerate(p) if value is not None)
    corrected: list[float | None] = [None] * len(p)
    largest = 0.0
    for rank, (value, i) in enumerate(known):
        largest = max(largest, min(1.0, (len(known) - rank) * value))
        corrected[i] = largest
    return corrected


def seeds_needed(mean: float, sd: float, num_tests: int = 1) -> int | None:
    """The smallest number of seeds with which the paired t test decides in four of five cases; None above MOST_SEEDS.

    A power estimate from the noncentral t distribution at LEVEL / num_tests, as if mean and standard deviation of the
    differences were truly as measured; from few seeds both are rough, and so is this number.

    Source: Cohen 1988, section 2.3.3.
    """
    enough = (n for n in range(FEWEST_SEEDS, MOST_SEEDS + 1) if power(mean, sd, n, LEVEL / num_tests) >= POWER)
    return next(enough, None)


def power(mean: float, sd: float, n: int, level: float) -> float:
    """How often the two-sided paired t test on n seeds falls below the level, on the side of the mean."""
    if sd <= 1e-12 * abs(mean):
        return 1.0 if mean else 0.0
    threshold = float(stats.t.ppf(1 - level / 2, n - 1))
    return float(stats.nct.sf(threshold, n - 1, abs(mean) / sd * math.sqrt(n)))
