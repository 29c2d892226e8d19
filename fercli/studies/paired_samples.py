"""Paired tests of two rows over their common test samples. They hold for these networks, not for new trainings.

What is drawn, or changes its sign, is the independent unit with all its samples: see `fercli.metrics.units`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from fercli.errors import RunError
from fercli.intervals import in_words
from fercli.metrics.units import Units
from fercli.studies.predictions import Resampled
from fercli.studies.significance import SampleSpread

LEVEL = 0.95
OTHER_SAMPLES = "expected predictions for the same samples in all runs that are compared; found others"
OTHER_UNITS = (
    "expected the same subjects and videos in the predictions of all runs that are compared; found others. Runs of an "
    "earlier fercli do not name the subjects of their samples: train them again"
)


@dataclass(frozen=True, slots=True)
class McNemar:
    """How many predictions are right in only one row, over samples and seeds, and the exact two-sided p value."""

    only_better: int
    only_worse: int
    p: float


def mcnemar(pairs: Sequence[tuple[pd.Series, pd.Series]], units: Units) -> McNemar:
    """Run McNemar's exact test on which predictions of (better, worse) are right, for each seed, matched by id.

    The predictions of all seeds for all samples of one unit stay together. The value of a unit is the number of right
    predictions of the better seeds, minus that of the worse seeds; under the null hypothesis, both signs are equally
    likely. With one seed and one sample in each unit this is McNemar's test itself. If the predictions of each seed, or
    for each image of a person, counted as independent, p would be too small.

    Args:
        pairs: for each seed the pair (better, worse); each a bool series by id, sorted by id.
        units: of the samples, in this order.

    Raises:
        RunError: the predictions are not all of the same samples.

    Source: McNemar 1947, in the exact form; Obuchowski 1998 for several answers to one sample.
    """
    ids = pairs[0][0].index
    if not all(answers.index.equals(ids) for pair in pairs for answers in pair):
        raise RunError(OTHER_SAMPLES)
    better, worse = (np.array([pair[side] for pair in pairs], dtype=bool) for side in (0, 1))
    excess = (better.astype(int) - worse).sum(axis=0)
    of_units = np.zeros(len(units), dtype=np.int64)
    np.add.at(of_units, units.number, excess)
    only_better, only_worse = int((better & ~worse).sum()), int((worse & ~better).sum())
    return McNemar(only_better, only_worse, flip_p(of_units))


def flip_p(excess: np.ndarray) -> float:
    """Exact two-sided p of the sum of whole numbers, if both signs of each number are equally likely.

    The distribution of the sum is a convolution over the sizes: m numbers of size k add k (2 B - m), B binomial.
    """
    from scipy.stats import binom

    distribution = np.ones(1)  # over the sums -s, ..., s
    for size, count in zip(*np.unique(np.abs(excess[excess != 0]), return_counts=True), strict=True):
        pmf = binom.pmf(np.arange(count + 1), count, 0.5)
        zeros = int(min(np.argmax(pmf > 0), np.argmax(pmf[::-1] > 0)))  # too small for a number, on each side
        distribution = _spread(distribution, pmf[zeros : len(pmf) - zeros], 2 * int(size))
    middle = len(distribution) // 2
    reach = abs(int(excess.sum()))
    return min(1.0, float(distribution[: max(0, middle - reach + 1)].sum() + distribution[middle + reach :].sum()))


def _spread(distribution: np.ndarray, pmf: np.ndarray, step: int) -> np.ndarray:
    """Convolve a distribution with probabilities that lie `step` places apart; zeros between them are left out."""
    found = np.zeros(len(distribution) + step * (len(pmf) - 1))
    for start in range(min(step, len(distribution))):
        part = np.convolve(distribution[start::step], pmf)
        found[start : start + step * len(part) : step] = part
    return found


def resampled_differences(better: Mapping[int, Resampled], worse: Mapping[int, Resampled]) -> np.ndarray:
    """Differences of the common seeds on the same resamples of the samples, (num_resamples, num_seeds).

    A resample is left out if the metric cannot be computed on it for every run.

    Args:
        better: the metric of the better row on the resamples, by seed.
        worse: the same for the worse row.

    Raises:
        RunError: two runs were evaluated on different samples, or name other subjects for them.
    """
    seeds = sorted(better.keys() & worse.keys())
    require_same(row[seed] for seed in seeds for row in (better, worse))
    differences = np.stack([better[seed].values - worse[seed].values for seed in seeds], axis=1)
    return differences[~np.isnan(differences).any(axis=1)]


def require_same(drawn: Iterable[Resampled]) -> Units:
    """Return the units of runs that are compared; raises RunError where the runs have other samples or other units."""
    first, *others = drawn
    if not all(np.array_equal(other.samples, first.samples) for other in others):
        raise RunError(OTHER_SAMPLES)
    if not all(other.units == first.units for other in others):
        raise RunError(OTHER_UNITS)
    return first.units


@dataclass(frozen=True, slots=True)
class OverSamples:
    """A mean difference over other samples: the 95 % interval, and the two-sided p of no difference."""

    low: float
    high: float
    p: float


def over_samples(differences: np.ndarray, seen: float, units: Units) -> OverSamples:
    """Test the mean difference over seeds with its standard error over resamples, by Student's t.

    The standard error is the standard deviation over resamples times the root of n / (n - 1), and t has n - 1 degrees
    of freedom, for n units (their effective number). p is at least 2^(1 - number of units): that of the sign-flip test
    where all units agree.

    Args:
        differences: result of `resampled_differences`.
        seen: the mean difference on the samples themselves.
        units: what was drawn.

    Raises:
        RunError: there are too few resamples or units.

    Source: Efron and Tibshirani 1993, chapters 6 and 12; Fisher 1935, section 21, for the smallest p.
    """
    _expect_several(differences, units)
    error = math.sqrt(float(differences.mean(axis=1).var(ddof=1)) * units.inflation)
    half, least = units.t(LEVEL) * error, 2.0 ** (1 - len(units))
    if seen == 0:
        p = 1.0
    elif error <= 1e-12 * abs(seen):  # every resample gives the same
        p = least
    else:
        p = max(least, 2 * float(stats.t.sf(abs(seen) / error, units.effective - 1)))
    return OverSamples(seen - half, seen + half, p)


def sampling(differences: np.ndarray, units: Units) -> SampleSpread:
    """Split the variance of the seeds' differences over resamples into a shared part and each seed's own part.

    The variance over resamples of n units is (n - 1) / n times the variance over test sets.

    Args:
        differences: result of `resampled_differences`.
        units: what was drawn; n is their effective number.

    Raises:
        RunError: there are too few resamples or units.

    Source: Efron and Tibshirani 1993, chapter 6. In the terms of Obuchowski and Rockette 1995, the own part is the
    error variance minus (Cov2 - Cov3), and the shared part is Cov2 - Cov3.
    """
    _expect_several(differences, units)
    covariance = np.atleast_2d(np.cov(differences, rowvar=False)) * units.inflation
    num_seeds, size = len(covariance), (len(units.number), units.effective)
    variance = float(np.trace(covariance)) / num_seeds
    if num_seeds == 1:
        return SampleSpread(0.0, variance, *size)
    shared = (float(covariance.sum()) - num_seeds * variance) / (num_seeds * (num_seeds - 1))
    return SampleSpread(max(variance - shared, 0.0), max(shared, 0.0), *size)


def _expect_several(differences: np.ndarray, units: Units) -> None:
    if len(units) < 2:
        raise RunError(f"expected two or more independent samples; found {in_words(units.counts)}")
    if len(differences) < 2:
        raise RunError("expected two or more resamples that allow this metric; found fewer: too few samples have it")
