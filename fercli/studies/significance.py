"""Tests of the difference of two rows over seeds and samples, correction for many tests, and how many seeds would do.

A row stands for a way of training, its test set for all samples like these. So a difference that is to hold beyond the
runs at hand must be large against two kinds of chance: other seeds, and other samples. They are crossed, as readers and
cases are where several readers judge the same cases, and the variance of the mean difference over k seeds is

    V = s^2 / k + c    (Obuchowski and Rockette 1995, equation 5, for two treatments):

s^2 is that of the differences over the seeds; c is the covariance, over test sets, of the differences of two seeds,
which no further seed averages away. The margin of each part has a t quantile of its own, with k - 1 and n - 1 degrees
of freedom, and margins add as squares (Howe 1974). That keeps its level even with three seeds, where one t test with
degrees of freedom estimated from s^2 rejects true hypotheses up to three times too often. No files, only numbers.
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
EXACT_SEEDS = 13  # up to so many, the sign-flip test takes all flips; beyond, as many random ones
NUM_FLIPS = 2**EXACT_SEEDS
NUM_QUANTILES = 64  # of the variance over seeds, in a power estimate
LEAST_LOG_P = math.log(1e-12)  # of p, below which it is not computed


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the differences of the seeds would vary over other test sets of this size, from resamples of this one.

    Attributes:
        own: part of the variance of one seed's difference that no other seed shares. Seeds that are equally good on all
            samples there are still differ by so much on this test set, so that their spread is no smaller.
        shared: covariance of the differences of two seeds.
        num_samples: rows of the test set, or videos or sittings for a metric by these.
    """

    own: float
    shared: float
    num_samples: int


@dataclass(frozen=True, slots=True)
class Design:
    """What a test knows besides the differences of the seeds.

    Attributes:
        sampling: from the stored predictions.
        step: smallest change that one sample makes in a value, in its unit; 0 where values do not move in steps. A
            standard deviation below it is none: it comes from rounding to whole samples.
        single: whether one side is a printed number, so of one training: what a training of its own row would differ
            by, its number differs by too, and no further seeds of the other row make that smaller.
    """

    sampling: Sampling
    step: float = 0.0
    single: bool = False

    def margin(self, variance: np.ndarray, n: int, level: float) -> np.ndarray:
        """How far from 0 the mean difference of n seeds must lie, of their measured variance, at a level."""
        seeds = np.maximum(variance, self.sampling.own) * (1 / n + self.single)
        t_seeds, t_samples = stats.t.ppf(1 - level / 2, [n - 1, self.sampling.num_samples - 1])
        return np.asarray(np.sqrt(seeds * t_seeds**2 + self.sampling.shared * t_samples**2))

    def p(self, mean: float, variance: float, n: int) -> float:
        """The level at which the margin is as large as the mean difference, two-sided."""

        def excess(log_level: float) -> float:
            return float(self.margin(np.array(variance), n, math.exp(log_level))) - abs(mean)

        if mean == 0 or excess(LEAST_LOG_P) <= 0:
            return 1.0 if mean == 0 else math.exp(LEAST_LOG_P)
        return math.exp(optimize.brentq(excess, LEAST_LOG_P, 0.0))

    def resolves(self, sd: np.ndarray) -> np.ndarray:
        """Whether the test set can tell such a spread from none."""
        return np.asarray((sd > 0) & (sd >= self.step * (1 - 1e-9)))


@dataclass(frozen=True, slots=True)
class Paired:
    """What the differences between two rows over common seeds say; None where they do not say it.

    Attributes:
        n: number of seeds that both rows have.
        mean: of the differences, better minus worse, in the unit of the values; None without any.
        sd: of the differences, with n - 1.
        low: lower end of the 95 % interval of the mean over seeds and samples.
        high: upper end of it.
        p: that there is no difference, over seeds and samples, two-sided. None where `sampling` is not known, or where
            the differences of the seeds have no spread that the test set can resolve.
        p_flips: of the sign-flip test, two-sided; with n seeds, up to EXACT_SEEDS, it cannot fall below 2 / 2^n.
        resolved: whether they have a spread that the test set can resolve.
        design: what p rests on besides the differences.
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
    """The test over seeds and samples, and the sign-flip test over seeds, on the differences, one a seed.

    Source: Obuchowski and Rockette 1995 with the margins of Howe 1974; Fisher 1935, section 21, through scipy.

    Examples:
        >>> from fercli.studies.significance import Design, Sampling, paired
        >>> found = paired([1.0, 2.0, 3.0], Design(Sampling(own=0.5, shared=0.1, num_samples=500)))
        >>> round(found.mean, 3), round(found.p, 3), found.p_flips
        (2.0, 0.08, 0.25)
    """
    n = len(differences)
    if n < 2:
        return Paired(n, float(differences[0]) if n else None, design=design)
    values = np.asarray(differences, dtype=float)
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    sd = 0.0 if sd <= 1e-9 * np.abs(values).max() else sd  # without the dust of floating point
    found = Paired(n, mean, sd, p_flips=sign_flip(values), design=design)
    if design is None or not design.resolves(np.array(sd)):
        return found
    half = float(design.margin(np.array(sd**2), n, LEVEL))
    return replace(found, low=mean - half, high=mean + half, p=design.p(mean, sd**2, n), resolved=True)


def sign_flip(differences: np.ndarray) -> float:
    """Two-sided p of the mean, were each difference as likely with the other sign; exact up to EXACT_SEEDS.

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
        signs[0] = 1  # what was seen is one of them, so that no p is 0
    sums, seen = signs @ differences, float(np.sum(differences))
    return float(np.mean(np.abs(sums) >= abs(seen) * (1 - 1e-9)))


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Correct p values for their number. None (a test that could not be made) stays None and does not count.

    Source: Holm 1979.

    Examples:
        >>> from fercli.studies.significance import holm
        >>> holm([0.01, 0.04, None])
        [0.02, 0.04, None]
    """
    known = sorted((value, i) for i, value in enumerate(p) if value is not None)
    corrected: list[float | None] = [None] * len(p)
    largest = 0.0
    for rank, (value, i) in enumerate(known):
        largest = max(largest, min(1.0, (len(known) - rank) * value))
        corrected[i] = largest
    return corrected


def seeds_needed(found: Paired, num_tests: int = 1) -> int | None:
    """The smallest number of seeds with which a verdict falls in four of five cases; None above MOST_SEEDS.

    Source: as `power`.

    Examples:
        >>> from fercli.studies.significance import Design, Sampling, paired, seeds_needed
        >>> seeds_needed(paired([1.0, 0.2, 2.5], Design(Sampling(own=0.5, shared=0.1, num_samples=500))))
        13
    """
    enough = (n for n in range(FEWEST_SEEDS, MOST_SEEDS + 1) if power(found, n, LEVEL / num_tests) >= POWER)
    return next(enough, None) if power(found, MOST_SEEDS, LEVEL / num_tests) >= POWER else None


def samples_are_too_few(found: Paired, num_tests: int = 1) -> bool:
    """Whether even the mean over endless seeds would not stand out, because of what the test set may hold by chance."""
    if found.design is None or found.mean is None or found.sd is None:
        return False
    level, sampling = LEVEL / num_tests, found.design.sampling
    threshold = float(stats.t.ppf(1 - level / 2, sampling.num_samples - 1))
    return abs(found.mean) <= threshold * math.sqrt(sampling.shared)


def power(found: Paired, n: int, level: float) -> float:
    """How often n seeds on this test set fall below the level, on the side of the mean.

    As if mean, spread over seeds and `Sampling` were truly as measured: from few seeds all are rough, and so is this.
    The mean over n seeds is then normal, their variance a multiple of chi squared, and both are independent; the level
    is that of the test over seeds and samples. The test over samples for these very networks asks less, but for the
    exactness of McNemar's.

    Source: integrated over the quantiles of chi squared; without a part of the samples, Cohen 1988, section 2.3.3.
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
