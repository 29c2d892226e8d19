import itertools
import math

import numpy as np
import pytest
from scipy import stats

from fercli.studies.significance import LEVEL, holm, paired, power, seeds_needed, sign_flip

DIFFERENCES = [0.9, 0.7, 1.2, 0.6]


def test_the_interval_and_p_are_those_of_the_paired_t_test():
    mean = sum(DIFFERENCES) / 4
    sd = math.sqrt(sum((d - mean) ** 2 for d in DIFFERENCES) / 3)
    half = 3.182446305284263 * sd / 2  # t of 0.975 with 3 degrees
    found = paired(DIFFERENCES)
    assert (found.n, found.mean, found.sd) == (4, pytest.approx(mean, rel=1e-9), pytest.approx(sd, rel=1e-9))
    assert (found.low, found.high) == pytest.approx((mean - half, mean + half), rel=1e-9)
    assert found.p == pytest.approx(stats.ttest_1samp(DIFFERENCES, 0).pvalue, rel=1e-9)


def test_few_seeds_say_little():
    assert paired([]) == paired([]).__class__(0)
    single = paired([5.0])
    assert (single.n, single.mean, single.sd, single.low, single.p, single.p_flips) == (1, 5.0, None, None, None, None)


def test_equal_differences_have_no_spread():
    same = paired([0.5, 0.5, 0.5])
    assert (same.p, same.low, same.high, same.p_flips) == (0.0, 0.5, 0.5, 0.25)
    assert paired([0.0, 0.0, 0.0]).p == 1.0


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


def test_holm_from_its_definition():
    p = [0.01, 0.04, 0.03, 0.005]
    # Sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1 is 0.02, 0.03, 0.06, 0.04; none may be below an earlier one.
    assert holm(p) == pytest.approx([0.03, 0.06, 0.06, 0.02], rel=1e-12)
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([0.01]) == [0.01]
    assert holm([]) == []


def test_a_test_that_could_not_be_made_does_not_count():
    assert holm([None, 0.01, None, 0.02]) == [None, 0.02, None, 0.02]


def test_power_is_the_share_of_simulated_studies_that_decide():
    rng = np.random.default_rng(0)
    for n, mean in ((5, 1.5), (10, 1.0)):
        drawn = rng.normal(mean, 1, (20_000, n))
        t = drawn.mean(axis=1) / drawn.std(axis=1, ddof=1) * math.sqrt(n)
        share = (t > stats.t.ppf(1 - LEVEL / 2, n - 1)).mean()
        assert power(mean, 1.0, n, LEVEL) == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize(
    ("mean", "sd", "tests", "seeds"),
    [
        (1.0, 1.0, 1, 10),
        (0.5, 1.0, 1, 34),
        (0.5, 1.0, 4, 48),
        (-0.5, 1.0, 1, 34),
        (9.0, 1.0, 1, 3),
        (0.1, 1.0, 1, None),
    ],
)
def test_the_number_of_seeds_that_would_decide(mean, sd, tests, seeds):
    """10 and 34 are in the usual tables of sample sizes for effects of 1 and 0.5."""
    assert seeds_needed(mean, sd, tests) == seeds


def test_seeds_without_spread_or_difference():
    assert seeds_needed(0.5, 0.0) == 3
    assert seeds_needed(0.0, 0.0) is None
    assert seeds_needed(0.0, 1.0) is None
