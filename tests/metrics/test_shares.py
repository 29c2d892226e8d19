import math

import numpy as np
import pytest
from scipy import stats

from fercli.metrics.shares import normal_quantile, score_interval, share_over_units, shares_by_group
from fercli.metrics.units import Units


def test_the_interval_is_wilsons():
    for hits, total in ((0, 7), (3, 7), (7, 7), (845, 1000)):
        ends = stats.binomtest(hits, total).proportion_ci(0.95, method="wilson")
        found = score_interval(hits / total, total, normal_quantile())
        assert found == pytest.approx((ends.low, ends.high), rel=1e-9, abs=1e-12)
    assert all(map(math.isnan, score_interval(math.nan, 0, 2.0)))


def test_rows_alone_have_wilsons_interval():
    holds = np.array([True] * 5 + [False] * 2)
    found = share_over_units(holds, Units.alone(7))
    assert (found.low, found.high) == score_interval(5 / 7, 7, normal_quantile())
    assert found.units == {"row": 7}


def test_people_who_are_alike_in_all_images_count_once():
    """The number of independent samples is that of people, and t has one degree of freedom less."""
    holds, person = np.repeat([True, False, True, True], 5), np.repeat(np.arange(4), 5)
    found = share_over_units(holds, Units(person, {"subject": 4}))
    assert (found.low, found.high) == pytest.approx(score_interval(0.75, 4, stats.t.ppf(0.975, 3)), rel=1e-9)


def test_the_variance_is_that_of_a_loop_over_people():
    generator = np.random.default_rng(0)
    person = np.sort(generator.integers(0, 12, 90))
    holds = generator.random(90) < np.linspace(0.2, 0.9, 12)[person]
    units = Units(person, {"subject": 12})
    share, m = holds.mean(), units.effective
    variance = m / (m - 1) * sum((holds[person == u] - share).sum() ** 2 for u in range(12)) / 90**2
    number = 90 * share * (1 - share) / 89 / variance
    assert 12 < number < 90
    found = share_over_units(holds, units)
    assert (found.low, found.high) == pytest.approx(score_interval(share, number, stats.t.ppf(0.975, m - 1)), rel=1e-9)


def test_an_interval_of_right_samples_alone_has_a_width_and_that_of_nobody_is_unknown():
    found = share_over_units(np.ones(20, bool), Units(np.repeat(np.arange(5), 4), {"subject": 5}))
    assert found.low < 0.7
    assert found.high == 1
    for units in (Units.alone(0), Units(np.zeros(9, int), {"subject": 1})):
        assert math.isnan(share_over_units(np.ones(len(units.number), bool), units).low)


def test_each_group_has_the_units_of_its_rows():
    columns = {"subject": np.array(["a", "a", "b", "c", None], dtype=object)}
    found = shares_by_group(np.ones(5, bool), np.array([0, 0, 0, 1, 1]), 3, columns)
    assert [one.units for one in found] == [{"subject": 2}, {"subject": 1, "row": 1}, {}]


def test_the_interval_holds_for_subjects_as_clusters():
    """Of 500 test sets of 20 people, at least 93 % minus two standard errors hold the true share."""
    generator, held = np.random.default_rng(0), []
    for _ in range(500):
        person = np.repeat(np.arange(20), generator.integers(1, 31, 20))
        score = np.sqrt(0.3) * generator.standard_normal(20)[person]
        score += np.sqrt(0.7) * generator.standard_normal(len(person))
        found = share_over_units(stats.norm.cdf(score) < 0.9, Units(person, {"subject": 20}))
        held.append(found.low <= 0.9 <= found.high)
    assert 0.93 - 2 * math.sqrt(0.93 * 0.07 / 500) <= np.mean(held) <= 0.99
