import itertools
import math

import numpy as np
import pytest
from scipy import stats

from fercli.studies.significance import (
    LEVEL,
    Design,
    SampleSpread,
    paired,
    power,
    samples_are_too_few,
    seeds_needed,
    sign_flip,
)

DIFFERENCES = [0.9, 0.7, 1.2, 0.6]
ENDLESS = Design(SampleSpread(own=0.0, shared=0.0, num_samples=10**6))  # a test set that leaves seeds alone to chance


def test_with_endless_samples_the_interval_and_p_are_those_of_the_paired_t_test():
    mean = sum(DIFFERENCES) / 4
    sd = math.sqrt(sum((d - mean) ** 2 for d in DIFFERENCES) / 3)
    half = 3.182446305284263 * sd / 2  # t of 0.975 with 3 degrees
    found = paired(DIFFERENCES, ENDLESS)
    assert (found.n, found.mean, found.sd) == (4, pytest.approx(mean, rel=1e-9), pytest.approx(sd, rel=1e-9))
    assert (found.low, found.high) == pytest.approx((mean - half, mean + half), rel=1e-9)
    assert found.p == pytest.approx(stats.ttest_1samp(DIFFERENCES, 0).pvalue, rel=1e-6)


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("own", [0.01, 0.5])
def test_margins_of_seeds_and_of_samples_add_as_squares(own, single):
    found = paired(DIFFERENCES, Design(SampleSpread(own, shared=0.04, num_samples=30), single=single))
    of_seeds = max(found.sd**2, own) * (1 / 4 + (1 if single else 0))
    half = math.sqrt(3.182446305284263**2 * of_seeds + 2.045229642132703**2 * 0.04)  # t with 3 and with 29 degrees
    assert (found.low, found.high) == pytest.approx((found.mean - half, found.mean + half), rel=1e-9)
    seeds, samples = (stats.t.ppf(1 - found.p / 2, degrees) for degrees in (3, 29))
    assert found.mean == pytest.approx(math.sqrt(seeds**2 * of_seeds + samples**2 * 0.04), rel=1e-6)


def test_few_seeds_say_little():
    assert paired([]) == paired([]).__class__(0)
    single = paired([5.0], ENDLESS)
    assert (single.n, single.mean, single.sd, single.low, single.p, single.p_flips) == (1, 5.0, None, None, None, None)


def test_without_samples_there_is_no_p_over_both():
    found = paired(DIFFERENCES)
    assert (found.p, found.low, found.high, found.p_flips) == (None, None, None, 0.125)


@pytest.mark.parametrize("difference", [0.5, 0.0, 0.1 + 0.2])
def test_equal_differences_have_no_spread_and_so_no_p(difference):
    same = paired([difference] * 2 + [difference * (1 + 1e-15)], ENDLESS)
    assert (same.sd, same.p, same.low, same.resolved) == (0.0, None, None, False)
    assert same.p_flips == (0.25 if difference else 1.0)


def test_a_spread_below_what_one_sample_changes_is_none():
    step = 100 / 242
    found = [paired([2 * step, 3 * step, last * step], Design(SampleSpread(0.0, 0.1, 242), step)) for last in (2, 4)]
    assert [one.resolved for one in found] == [False, True]  # standard deviations of 0.58 and of 1 sample
    assert found[0].p is None
    assert 0 < found[1].p < 1


def test_p_is_never_smaller_for_samples_that_say_less():
    p = [paired(DIFFERENCES, Design(SampleSpread(0.0, shared, 100))).p for shared in (0.0, 0.01, 0.1, 1.0)]
    assert p == sorted(p)
    assert len(set(p)) == 4


@pytest.mark.parametrize("values", [DIFFERENCES, [1.0, -2.0, 0.5, 0.25, 3.0], [0.1, 0.1, -0.2]])
def test_the_sign_flip_test_counts_every_flip(values):
    sums = [
        sum(s * v for s, v in zip(signs, values, strict=True))
        for signs in itertools.product((1, -1), repeat=len(values))
    ]
    observed = sum(values)
    above = sum(s >= observed - 1e-12 for s in sums) / len(sums)
    below = sum(s <= observed + 1e-12 for s in sums) / len(sums)
    assert sign_flip(np.array(values)) == pytest.approx(min(1, 2 * min(above, below)), rel=1e-9)


def test_the_sign_flip_test_cannot_fall_below_its_least_value():
    assert [sign_flip(np.full(n, 1.0)) for n in (3, 5, 6)] == [2 / 2**n for n in (3, 5, 6)]


def test_many_seeds_are_flipped_at_random_to_the_same_p_each_time():
    values = np.random.default_rng(0).normal(0.3, 1, 30)
    assert sign_flip(values) == sign_flip(values)
    assert sign_flip(values) == pytest.approx(stats.ttest_1samp(values, 0).pvalue, abs=0.03)


@pytest.mark.parametrize("shared", [0.0, 0.02, 0.2])
@pytest.mark.parametrize("own", [0.0, 0.8])
@pytest.mark.parametrize(("n", "mean"), [(3, 2.5), (5, 1.5), (10, 1.0)])
def test_power_is_the_share_of_simulated_studies_that_decide(n, mean, own, shared):
    rng = np.random.default_rng(0)
    design = Design(SampleSpread(own, shared, 200))
    found = paired([mean - math.sqrt(0.5), mean + math.sqrt(0.5)], design)  # so of a standard deviation of 1
    drawn = rng.normal(mean, 1, (20_000, n))
    seeds, samples = (stats.t.ppf(1 - LEVEL / 2, degrees) for degrees in (n - 1, 199))
    margin = np.sqrt(seeds**2 * np.maximum(drawn.var(axis=1, ddof=1), own) / n + samples**2 * shared)
    assert power(found, n, LEVEL) == pytest.approx((drawn.mean(axis=1) > margin).mean(), abs=0.012)


@pytest.mark.parametrize(
    ("mean", "sd", "tests", "seeds"),
    [
        (1.0, 1.0, 1, 10),
        (0.5, 1.0, 1, 34),
        (0.5, 1.0, 4, 48),
        (-0.5, 1.0, 1, 34),
        (9.0, 1.0, 1, 3),
        (0.1, 1.0, 1, None),
        (0.0, 1.0, 1, None),
    ],
)
def test_the_number_of_seeds_that_would_decide(mean, sd, tests, seeds):
    """10 and 34 are in the usual tables of sample sizes for effects of 1 and 0.5."""
    half = sd * math.sqrt(0.5)
    assert seeds_needed(paired([mean - half, mean + half], ENDLESS), tests) == seeds


def test_seeds_do_not_make_up_for_samples():
    found = [paired([0.4, 0.5, 0.6], Design(SampleSpread(0.0, shared, 500))) for shared in (0.01, 0.05, 0.064)]
    assert [seeds_needed(one) for one in found] == [3, 5, None]
    assert [samples_are_too_few(one) for one in found] == [False, False, False]
    assert samples_are_too_few(paired([0.4, 0.5, 0.6], Design(SampleSpread(0.0, 0.07, 500))))
    assert samples_are_too_few(found[1], num_tests=2)


def test_seeds_without_spread_predictions_or_difference():
    for nothing in (paired([0.5] * 3, ENDLESS), paired([0.4, 0.5, 0.6]), paired([0.5], ENDLESS), paired([])):
        assert seeds_needed(nothing) is None
        assert not samples_are_too_few(nothing)
