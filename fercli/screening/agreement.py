"""Agreement of predicted with true scores: Bland-Altman limits, and the calibration line."""

import math

import numpy as np
from scipy.stats import norm, t

Z = float(norm.ppf(0.975))


def standard_deviation(difference: np.ndarray, person: np.ndarray) -> float:
    """Standard deviation of the differences of single sittings, where a person may have several.

    It is the usual one (n - 1) where everybody has one sitting. Otherwise, it adds the variances within and between
    people, from a one-way analysis of variance. NaN with fewer than two people.

    Args:
        difference: (n,) points.
        person: (n,) number of the person of each sitting.

    Source: Bland and Altman 2007, section 3 (the true value varies).
    """
    counts = np.bincount(person).astype(float)
    counts = counts[counts > 0]
    number, people = len(difference), len(counts)
    if people < 2:
        return math.nan
    means = np.bincount(person, difference)[np.bincount(person) > 0] / counts
    between = float(np.sum(counts * (means - difference.mean()) ** 2)) / (people - 1)
    if number == people:
        return math.sqrt(between)
    within = (float(np.sum((difference - difference.mean()) ** 2)) - between * (people - 1)) / (number - people)
    usual = (number - float(np.sum(counts**2)) / number) / (people - 1)  # sittings of a person
    return math.sqrt(within + max(0.0, (between - within) / usual))


def limits_of_agreement(difference: np.ndarray, person: np.ndarray) -> tuple[float, float, float]:
    """Return bias, lower and upper limit, in points: mean difference, and 1.96 standard deviations on both sides.

    95 % of the differences lie between the limits if they are normally distributed.

    Args:
        difference: (n,) predicted minus true points.
        person: (n,) number of the person of each sitting.

    Source: Bland and Altman 1986; 2007 for several sittings of a person.
    """
    bias, deviation = float(difference.mean()), standard_deviation(difference, person)
    return bias, bias - Z * deviation, bias + Z * deviation


def limits_intervals(difference: np.ndarray) -> list[tuple[float, float]]:
    """95 % interval of the bias, of the lower and of the upper limit, where everybody has one sitting.

    Args:
        difference: (n,) points of n people, n at least 2.

    Source: Bland and Altman 1999, section 2: standard errors s / sqrt(n) and s sqrt(1 / n + 1.96^2 / (2 (n - 1))), with
    the quantile of the t distribution with n - 1 degrees of freedom.
    """
    number, deviation = len(difference), float(difference.std(ddof=1))
    quantile = float(t.ppf(0.975, number - 1))
    bias = float(difference.mean())
    of_bias = quantile * deviation / math.sqrt(number)
    of_limit = quantile * deviation * math.sqrt(1 / number + Z**2 / (2 * (number - 1)))
    lower, upper = bias - Z * deviation, bias + Z * deviation
    return [(bias - of_bias, bias + of_bias), *((end - of_limit, end + of_limit) for end in (lower, upper))]


def calibration_line(score: np.ndarray, predicted: np.ndarray) -> tuple[float, float]:
    """Slope and intercept of the least-squares line of the true on the predicted score; 1 and 0 are ideal.

    A slope above 1: predictions lie too close together. NaN where all predictions are equal.

    Args:
        score: (n,) true points.
        predicted: (n,) points.
    """
    centered = predicted - predicted.mean()
    spread = float(centered @ centered)
    if spread <= 1e-12 * len(predicted):
        return math.nan, math.nan
    slope = float(centered @ (score - score.mean())) / spread
    return slope, float(score.mean() - slope * predicted.mean())


def calibration_groups(predicted: np.ndarray, least: int = 10, most: int = 10) -> list[np.ndarray]:
    """Return the indices of groups of equal size, from the lowest to the highest predictions.

    Args:
        predicted: (n,).
        least: wanted size of a group; there are at most n / least groups, and at least one.
        most: number of groups at most.
    """
    number = max(1, min(most, len(predicted) // least))
    return [group for group in np.array_split(np.argsort(predicted, kind="stable"), number) if len(group)]
