"""Paired tests of two rows over their common test samples. They hold for these networks, not for new trainings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fercli.errors import RunError
from fercli.studies.predictions import Resampled
from fercli.studies.significance import SampleSpread

OTHER_SAMPLES = "expected predictions for the same samples in all runs that are compared; found others"


@dataclass(frozen=True, slots=True)
class McNemar:
    """How many predictions are right in only one row, over samples and seeds, and the exact two-sided p value."""

    only_better: int
    only_worse: int
    p: float


def mcnemar(pairs: Sequence[tuple[pd.Series, pd.Series]]) -> McNemar:
    """Run McNemar's exact test on which predictions of (better, worse) are right, for each seed, matched by id.

    The predictions of all seeds for one sample stay together. The value of a sample is the number of better seeds that
    are right, minus the number of worse seeds that are right; under the null hypothesis, both signs are equally likely.
    With one seed this is McNemar's test itself. If the predictions of each seed counted as independent samples, p would
    be too small.

    Args:
        pairs: for each seed the pair (better, worse); each a bool series by id, sorted by id.

    Raises:
        RunError: the predictions are not all of the same samples.

    Source: McNemar 1947, in the exact form; Obuchowski 1998 for several answers to one sample.
    """
    ids = pairs[0][0].index
    if not all(answers.index.equals(ids) for pair in pairs for answers in pair):
        raise RunError(OTHER_SAMPLES)
    better, worse = (np.array([pair[side] for pair in pairs], dtype=bool) for side in (0, 1))
    excess = (better.astype(int) - worse).sum(axis=0)
    only_better, only_worse = int((better & ~worse).sum()), int((worse & ~better).sum())
    return McNemar(only_better, only_worse, flip_p(excess))


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
        RunError: two runs were evaluated on different samples.
    """
    seeds = sorted(better.keys() & worse.keys())
    samples = better[seeds[0]].samples
    if not all(np.array_equal(row[seed].samples, samples) for seed in seeds for row in (better, worse)):
        raise RunError(OTHER_SAMPLES)
    differences = np.stack([better[seed].values - worse[seed].values for seed in seeds], axis=1)
    return differences[~np.isnan(differences).any(axis=1)]


def bootstrap_p(differences: np.ndarray, seen: float) -> float:
    """Two-sided p of the mean difference over seeds: how often resamples fall on the other side of 0.

    Args:
        differences: result of `resampled_differences`.
        seen: the mean difference on the samples themselves.

    Source: Efron and Tibshirani 1993, chapter 15, with one added to both counts so that no p is 0.
    """
    means = differences.mean(axis=1)
    tail = (means <= 0).sum() if seen > 0 else (means >= 0).sum()
    return min(1.0, 2 * float(tail + 1) / (len(means) + 1))


def sampling(differences: np.ndarray, num_samples: int) -> SampleSpread:
    """Split the variance of the seeds' differences over resamples into a shared part and each seed's own part.

    The variance over resamples of n samples is (n - 1) / n times the variance over test sets.

    Args:
        differences: result of `resampled_differences`.
        num_samples: n.

    Raises:
        RunError: there are too few resamples or samples.

    Source: Efron and Tibshirani 1993, chapter 6. In the terms of Obuchowski and Rockette 1995, the own part is the
    error variance minus (Cov2 - Cov3), and the shared part is Cov2 - Cov3.
    """
    if len(differences) < 2 or num_samples < 2:
        raise RunError(f"expected at least two samples that allow this metric; found {num_samples}")
    covariance = np.atleast_2d(np.cov(differences, rowvar=False)) * num_samples / (num_samples - 1)
    num_seeds = len(covariance)
    variance = float(np.trace(covariance)) / num_seeds
    if num_seeds == 1:
        return SampleSpread(own=0.0, shared=variance, num_samples=num_samples)
    shared = (float(covariance.sum()) - num_seeds * variance) / (num_seeds * (num_seeds - 1))
    return SampleSpread(max(variance - shared, 0.0), max(shared, 0.0), num_samples)
