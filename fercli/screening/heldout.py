"""What errors of other people say about a person: score bands, and the probability to reach a cut-off."""

import math

import numpy as np

from fercli.ops.severity import is_positive
from fercli.scales import Scale
from fercli.screening.people import Scores

COVERAGE = 0.9  # wanted share of people whose true score lies in the band
SEED = 0


def halves(num_people: int, seed: int = SEED) -> np.ndarray:
    """(P,) bool: the people of the first half, drawn by the seed. Errors of one half serve the other half."""
    is_first = np.zeros(num_people, dtype=bool)
    is_first[np.random.default_rng(seed).permutation(num_people)[: num_people // 2]] = True
    return is_first


def half_width(errors: np.ndarray, coverage: float = COVERAGE) -> float:
    """Half width of the band around a predicted score, in points; infinite with too few calibration people.

    It is the k-th smallest absolute error, k = ceil((m + 1) * coverage). If the next person is exchangeable with the m
    calibration people, the band contains the true score with at least this probability.

    Args:
        errors: (m,) signed or absolute errors, one of each calibration person.
        coverage: wanted, in (0, 1).

    Source: Lei et al. 2018, algorithm 2 (split conformal prediction).
    """
    place = math.ceil(round((len(errors) + 1) * coverage, 9))
    return math.inf if place > len(errors) else float(np.sort(np.abs(errors))[place - 1])


def one_of_each(person: np.ndarray, seed: int = SEED) -> np.ndarray:
    """(P,) index of one sitting of each person, drawn by the seed: sittings of one person are not exchangeable.

    Args:
        person: (n,) number of the person of each sitting.

    Source: Dunn, Wasserman and Ramdas 2023, section 4 (subsampling once).
    """
    order = np.random.default_rng(seed).permutation(len(person))
    return order[np.unique(person[order], return_index=True)[1]]


def half_widths(scores: Scores, seed: int = SEED) -> np.ndarray:
    """(n,) half width of the band of each sitting, from the errors of the half of the people that it is not in."""
    first = halves(scores.num_people, seed)[scores.person]
    errors, chosen = scores.predicted - scores.score, one_of_each(scores.person, seed)
    widths = np.empty(len(errors))
    for half in (first, ~first):
        widths[half] = half_width(errors[chosen[~half[chosen]]])
    return widths


def bands(scores: Scores, widths: np.ndarray, scale: Scale) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper end (n,) of the score bands in points, cut to the range of the scale.

    Args:
        widths: (n,) half widths.
    """
    low = np.clip(scores.predicted - widths, scale.low, scale.high)
    return low, np.clip(scores.predicted + widths, scale.low, scale.high)


def probabilities(scores: Scores, cutoff: float, seed: int = SEED) -> np.ndarray:
    """(n,) probability that the true score of each sitting reaches the cut-off.

    Where the network predicts a distribution over levels, it is the sum over the levels from the cut-off on. Otherwise,
    it is the share of the errors of the other half of the people that would bring the true score to the cut-off; each
    person has the same weight.

    Args:
        cutoff: lowest whole score that is positive.
    """
    if scores.levels is not None:
        points = np.arange(scores.levels.shape[1]) - scores.offset
        return np.asarray(scores.levels[:, is_positive(points, cutoff)].sum(1))
    first = halves(scores.num_people, seed)[scores.person]
    errors, weights = scores.score - scores.predicted, 1 / np.bincount(scores.person)[scores.person]
    found = np.full(len(errors), np.nan)
    for half in (first, ~first):
        if half.any() and not half.all():
            found[half] = _reaching(cutoff - 0.5 - scores.predicted[half], errors[~half], weights[~half])
    return found


def _reaching(least: np.ndarray, errors: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(n,) share of the weights of errors of at least `least`, (n,)."""
    order = np.argsort(errors)
    above = np.append(np.cumsum(weights[order][::-1])[::-1], 0.0)
    return np.asarray(above[np.searchsorted(errors[order], least)] / above[0])
