"""Paired tests of two rows on the samples that both were evaluated on: for these networks, not for training again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fercli.errors import RunError
from fercli.studies.predictions import Resampled
from fercli.studies.significance import Sampling

OTHER_SAMPLES = "expected predictions for the same samples in all runs that are compared; found others"


@dataclass(frozen=True, slots=True)
class McNemar:
    """Answers of which only one row's is right, counted over samples and seeds, and the exact two-sided p value."""

    only_better: int
    only_worse: int
    p: float


def mcnemar(pairs: Sequence[tuple[pd.Series, pd.Series]]) -> McNemar:
    """McNemar's exact test on which answers of (better, worse) are right, for each seed, matched by id.

    The answers of all seeds to one sample stay together: a sample counts by how many more seeds of the one row have it
    right, and either sign is as likely for it. With one seed this is McNemar's test itself; counting each seed's
    answers as samples of their own would give too small a p.

    Args:
        pairs: bool by id, in the order of the ids.

    Raises:
        RunError: two of them are of other samples.

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
    """Exact two-sided p of the sum of whole numbers, were each as likely with the other sign.

    The distribution of the sum, one factor after the other: m numbers of size k add k (2 B - m), B binomial.
    """
    from scipy.stats import binom

    distribution = np.ones(1)  # over the sums -s, ..., s
    for size, count in zip(*np.unique(np.abs(excess[excess != 0]), return_counts=True), strict=True):
        factor = np.zeros(2 * int(size) * int(count) + 1)
        factor[:: 2 * int(size)] = binom.pmf(np.arange(count + 1), count, 0.5)
        distribution = np.convolve(distribution, factor)
    middle = len(distribution) // 2
    reach = abs(int(excess.sum()))
    return min(1.0, float(distribution[: middle - reach + 1].sum() + distribution[middle + reach :].sum()))


def resampled_differences(better: Mapping[int, Resampled], worse: Mapping[int, Resampled]) -> np.ndarray:
    """(num_resamples, num_seeds): the differences of the common seeds on the same resamples of the samples.

    Resamples that do not allow the metric of every run are left out.

    Args:
        better: by seed, the metric on the resamples.
        worse: the same.

    Raises:
        RunError: two of them are of other samples.
    """
    seeds = sorted(better.keys() & worse.keys())
    samples = better[seeds[0]].samples
    if not all(np.array_equal(row[seed].samples, samples) for seed in seeds for row in (better, worse)):
        raise RunError(OTHER_SAMPLES)
    differences = np.stack([better[seed].values - worse[seed].values for seed in seeds], axis=1)
    return differences[~np.isnan(differences).any(axis=1)]


def bootstrap_p(differences: np.ndarray, seen: float) -> float:
    """Two-sided p of the mean difference over seeds: how often resamples lie on the other side of 0 than it does.

    Args:
        differences: as `resampled_differences` gives them.
        seen: the mean difference on the samples themselves.

    Source: Efron and Tibshirani 1993, chapter 15, with one added to both counts so that no p is 0.
    """
    means = differences.mean(axis=1)
    tail = (means <= 0).sum() if seen > 0 else (means >= 0).sum()
    return min(1.0, 2 * float(tail + 1) / (len(means) + 1))


def sampling(differences: np.ndarray, num_samples: int) -> Sampling:
    """How the differences of the seeds vary together and each for itself over the resamples.

    Variances over resamples of n samples are those over test sets times (n - 1) / n.

    Args:
        differences: as `resampled_differences` gives them.
        num_samples: n.

    Raises:
        RunError: there are too few resamples or samples.

    Source: Efron and Tibshirani 1993, chapter 6; the two parts are the error variance less Cov2 - Cov3, and Cov2 - Cov3
    of Obuchowski and Rockette 1995.
    """
    if len(differences) < 2 or num_samples < 2:
        raise RunError(f"expected at least two samples that allow this metric; found {num_samples}")
    covariance = np.atleast_2d(np.cov(differences, rowvar=False)) * num_samples / (num_samples - 1)
    num_seeds = len(covariance)
    variance = float(np.trace(covariance)) / num_seeds
    if num_seeds == 1:
        return Sampling(own=0.0, shared=variance, num_samples=num_samples)
    shared = (float(covariance.sum()) - num_seeds * variance) / (num_seeds * (num_seeds - 1))
    return Sampling(max(variance - shared, 0.0), max(shared, 0.0), num_samples)
