"""Tests of the difference of two rows over seeds and samples, correction for many tests, and the seeds needed.

A row stands for a way of training, and the test set for all samples of its kind. A difference that holds beyond these
runs must be large compared with two sources of chance: other seeds, and other samples. The two are crossed: each seed
is tested on the same samples, as several readers read the same cases. The variance of the mean difference over k seeds
is

    V = s^2 / k + c    (Obuchowski and Rockette 1995, equation 5, for two treatments):

s^2 is the variance of the differences over the seeds. c is the covariance, over test sets, of the differences of two
seeds; more seeds do not reduce it. The margin of each part has its own t quantile, with k - 1 and n - 1 degrees of
freedom for n independent samples, and margins add as squares (Howe 1974). This test keeps its level even with three
seeds. A single t test with degrees of freedom estimated from s^2 would then reject true hypotheses up to three times
too often. This module reads no files, it only computes with numbers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, stats

LEVEL = 0.05
POWER = 0.8
FEWEST_SEEDS = 3
MOST_SEEDS = 100  # beyond this, the number of seeds that would decide is not given
EXACT_SEEDS = 13  # up to this number, the sign-flip test uses all flips; above it, NUM_FLIPS random ones
NUM_FLIPS = 2**EXACT_SEEDS
NUM_QUANTILES = 64  # of the variance over seeds, in a power estimate
LEAST_LOG_P = math.log(1e-12)  # smaller p are not computed


@dataclass(frozen=True, slots=True)
class SampleSpread:
    """How the differences of the seeds would vary over other test sets of this size, from resamples of this one.

    Attributes:
        own: the part of the variance of one seed's difference that it does not share with the other seeds. Even seeds
            that are equally good on the whole population differ on one test set, with this variance. So the tests take
            no smaller variance over seeds.
        shared: covariance of the differences of two seeds.
        num_samples: number of rows of the test set; number of videos or sittings for a metric by video or sitting.
        num_units: effective number of independent units (`fercli.metrics.units.Units`), which has one degree of freedom
            more than the variance over samples; None where each sample is one.
    """

    own: float
    shared: float
    num_samples: int
    num_units: float | None = None

    @property
    def degrees(self) -> float:
        """Degrees of freedom of the variance over samples."""
        return (self.num_samples if self.num_units is None else self.num_units) - 1


@dataclass(frozen=True, slots=True)
class Design:
    """What a test uses besides the differences of the seeds.

    Attributes:
        sampling: variance over samples, from the stored predictions.
        step: smallest change that one sample makes in a value, in its unit; 0 where values do not move in steps. A
            standard deviation below it counts as no spread: it comes from rounding to whole samples.
        single: whether one side is a printed number. It comes from one training, so the test adds the variance over
            seeds of one training, which more seeds of the other row do not reduce.
    """

    sampling: SampleSpread
    step: float = 0.0
    single: bool = False

    def margin(self, variance: np.ndarray, n: int, level: float) -> np.ndarray:
        """Return how far from 0 the mean difference of n seeds with this variance must lie, for p below the level."""
        seeds = np.maximum(variance, self.sampling.own) * (1 / n + self.single)
        t_seeds, t_samples = stats.t.ppf(1 - level / 2, [n - 1, self.sampling.degrees])
        return np.asarray(np.sqrt(seeds * t_seeds**2 + self.sampling.shared * t_samples**2))

    def p(self, mean: float, variance: float, n: int) -> float:
        """Return the two-sided p: the level at which the margin equals the mean difference."""

        def excess(log_level: float) -> float:
            return float(self.margin(np.array(variance), n, math.exp(log_level))) - abs(mean)

        if mean == 0 or excess(LEAST_LOG_P) <= 0:
            return 1.0 if mean == 0 else math.exp(LEAST_LOG_P)
        return math.exp(optimize.brentq(excess, LEAST_LOG_P, 0.0))

    def resolves(self, sd: np.ndarray) -> np.ndarray:
        """Return whether the test set can distinguish this standard deviation from zero."""
        return np.asarray((sd > 0) & (sd >= self.step * (1 - 1e-9)))


@dataclass(frozen=True, slots=True)
class Paired:
    """Statistics of the differences between two rows over common seeds; None where they cannot be computed.

    Attributes:
        n: number of seeds that both rows have.
        mean: mean of the differences, better minus worse, in the unit of the values; None without differences.
        sd: standard deviation of the differences, with n - 1.
        low: lower end of the 95 % interval of the mean over seeds and samples.
        high: upper end of this interval.
        p: two-sided p of no difference, over seeds and samples. None without `design`, or where the spread of the
            differences is too small for the test set to resolve.
        p_flips: two-sided p of the sign-flip test; with n seeds, up to EXACT_SEEDS, it is at least 2 / 2^n.
        resolved: whether the test set can resolve the spread of the differences.
        design: what p depends on besides the differences.
    """

    n: int
    mean: float | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_flips: float | None = None
    resolved: bool = False
    design: Design | None = None


def paired(differences: Sequence[float], design: Design | None = None) -> Paired:
    """Test the differences, one per seed: over seeds and samples, and by sign flips over seeds.

    Source: Obuchowski and Rockette 1995 with the margins of Howe 1974; Fisher 1935, section 21, through scipy.

    Examples:
        >>> from fercli.studies.significance import Design, SampleSpread, paired
        >>> found = paired([1.0, 2.0, 3.0], Design(SampleSpread(own=0.5, shared=0.1, num_samples=500)))
        >>> round(found.mean, 3), round(found.p, 3), found.p_flips
        (2.0, 0.08, 0.25)
    """
    n = len(differences)
    if n < 2:
        return Paired(n, float(differences[0]) if n else None, design=design)
    values = np.asarray(differences, dtype=float)
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    sd = 0.0 if sd <= 1e-9 * np.abs(values).max() else sd  # ignores rounding errors
    found = Paired(n, mean, sd, p_flips=sign_flip(values), design=design)
    if design is None or not design.resolves(np.array(sd)):
        return found
    half = float(design.margin(np.array(sd**2), n, LEVEL))
    return replace(found, low=mean - half, high=mean + half, p=design.p(mean, sd**2, n), resolved=True)


def sign_flip(differences: np.ndarray) -> float:
    """Two-sided p of the mean, if both signs of each difference are equally likely; exact up to EXACT_SEEDS.

    Examples:
        >>> import numpy as np
        >>> from fercli.studies.significance import sign_flip
        >>> sign_flip(np.array([1.0, 2.0, 3.0]))
        0.25
    """
    n = len(differences)
    if n <= EXACT_SEEDS:
        signs = 1 - 2 * (np.arange(2**n)[:, None] >> np.arange(n) & 1)
    else:
        signs = np.random.default_rng(0).choice([-1, 1], size=(NUM_FLIPS, n))
        signs[0] = 1  # the observed signs are one of the flips, so that no p is 0
    sums, seen = signs @ differences, float(np.sum(differences))
    return float(np.mean(np.abs(sums) >= abs(seen) * (1 - 1e-9)))


def seeds_needed(found: Paired, num_tests: int = 1) -> int | None:
    """Return the smallest number of seeds with which the test decides in four of five cases; None above MOST_SEEDS.

    Source: as for `power`.

    Examples:
        >>> from fercli.studies.significance import Design, SampleSpread, paired, seeds_needed
        >>> seeds_needed(paired([1.0, 0.2, 2.5], Design(SampleSpread(own=0.5, shared=0.1, num_samples=500))))
        13
    """
    enough = (n for n in range(FEWEST_SEEDS, MOST_SEEDS + 1) if power(found, n, LEVEL / num_tests) >= POWER)
    return next(enough, None) if power(found, MOST_SEEDS, LEVEL / num_tests) >= POWER else None


def samples_are_too_few(found: Paired, num_tests: int = 1) -> bool:
    """Return whether even infinitely many seeds would not decide, because of the variance over samples."""
    if found.design is None or found.mean is None or found.sd is None:
        return False
    level, sampling = LEVEL / num_tests, found.design.sampling
    threshold = float(stats.t.ppf(1 - level / 2, sampling.degrees))
    return abs(found.mean) <= threshold * math.sqrt(sampling.shared)


def power(found: Paired, n: int, level: float) -> float:
    """Return how often n seeds on this test set give p below the level, with a difference on the side of the mean.

    The mean, the variance over seeds and `SampleSpread` are taken as true, although few seeds measure them roughly.
    Then the mean over n seeds is normal, their variance is a multiple of chi squared, and the two are independent. The
    p is that of the test over seeds and samples. The test over samples alone is easier to pass, apart from the
    conservative exact p of McNemar's test.

    Source: integrated over the quantiles of chi squared; without variance over samples, Cohen 1988, section 2.3.3.
    """
    if found.design is None or found.mean is None or found.sd is None:
        return 0.0
    true = max(found.sd**2, found.design.sampling.own)
    if true == 0:
        return 0.0  # a spread of zero is never resolved
    drawn = true * stats.chi2.ppf((np.arange(NUM_QUANTILES) + 0.5) / NUM_QUANTILES, n - 1) / (n - 1)
    threshold = found.design.margin(drawn, n, level)
    decided = stats.norm.sf((threshold - abs(found.mean)) / math.sqrt(true / n))
    return float(np.mean(decided * found.design.resolves(np.sqrt(drawn))))
