import math
from itertools import pairwise

import numpy as np
import pytest

from fercli.screening.agreement import (
    calibration_groups,
    calibration_line,
    limits_intervals,
    limits_of_agreement,
    standard_deviation,
)

DIFFERENCE = np.array([-3.0, 1, 4, 0, 2, -5, 6, 3])


def test_the_limits_are_the_closed_form():
    bias = sum(DIFFERENCE) / 8
    deviation = math.sqrt(sum((one - bias) ** 2 for one in DIFFERENCE) / 7)
    z, quantile = 1.959963984540054, 2.3646242510102993  # of the normal, and of t with 7 degrees of freedom
    found = limits_of_agreement(DIFFERENCE, np.arange(8))
    assert found == pytest.approx((bias, bias - z * deviation, bias + z * deviation), rel=1e-9)
    (low, high), (lower, _), (_, upper) = limits_intervals(DIFFERENCE)
    assert (low, high) == pytest.approx((bias - quantile * deviation / 8**0.5, bias + quantile * deviation / 8**0.5))
    error = quantile * deviation * math.sqrt(1 / 8 + z**2 / 14)
    assert (lower, upper) == pytest.approx((found[1] - error, found[2] + error), rel=1e-9)


def test_several_sittings_of_a_person_by_a_loop():
    person = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    groups = [DIFFERENCE[person == one] for one in range(3)]
    between = sum(len(g) * (g.mean() - DIFFERENCE.mean()) ** 2 for g in groups) / 2
    within = sum(((g - g.mean()) ** 2).sum() for g in groups) / 5
    usual = (64 - sum(len(g) ** 2 for g in groups)) / (2 * 8)
    expected = math.sqrt(within + max(0, (between - within) / usual))
    assert standard_deviation(DIFFERENCE, person) == pytest.approx(expected, rel=1e-9)


def test_the_components_give_the_variance_of_single_sittings():
    """People differ with variance 9, sittings of one with variance 4."""
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(4000), rng.integers(1, 4, 4000))
    difference = 3 * rng.normal(size=4000)[person] + 2 * rng.normal(size=len(person))
    assert standard_deviation(difference, person) ** 2 == pytest.approx(13, rel=0.05)


def test_one_person_has_no_spread_of_people():
    assert math.isnan(standard_deviation(np.array([1.0, 2]), np.array([0, 0])))


def test_the_line_is_the_least_squares_line():
    rng = np.random.default_rng(0)
    predicted = rng.normal(size=20)
    score = 3 + 2 * predicted + rng.normal(size=20)
    assert calibration_line(score, predicted) == pytest.approx(tuple(np.polyfit(predicted, score, 1)), rel=1e-9)
    assert all(map(math.isnan, calibration_line(score, np.full(20, 7.3))))


def test_groups_are_ordered_and_of_equal_size():
    predicted = np.random.default_rng(0).normal(size=45)
    groups = calibration_groups(predicted)
    assert sorted(map(len, groups)) == [11, 11, 11, 12]
    assert all(predicted[a].max() <= predicted[b].min() for a, b in pairwise(groups))
    assert [len(group) for group in calibration_groups(predicted[:4])] == [4]
