import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fercli.errors import RunError
from fercli.metrics.units import Units
from fercli.studies.paired_samples import flip_p, mcnemar, over_samples, resampled_differences, sampling
from fercli.studies.predictions import Resampled


def answers(right, ids="abcdef"):
    return pd.Series([bool(r) for r in right], index=list(ids))


def test_one_seed_is_mcnemars_exact_test():
    better, worse = answers([1, 1, 1, 1, 0, 0]), answers([0, 0, 0, 1, 1, 0])
    found = mcnemar([(better, worse)], Units.alone(6))
    assert (found.only_better, found.only_worse) == (3, 1)
    assert found.p == pytest.approx(stats.binomtest(3, 4).pvalue, rel=1e-9)


def test_the_answers_of_all_seeds_to_one_sample_stay_together():
    better, worse = answers([1, 1, 1, 1, 1, 1]), answers([0, 0, 0, 1, 1, 1])
    once, thrice = (mcnemar(times * [(better, worse)], Units.alone(6)) for times in (1, 3))
    assert (thrice.only_better, thrice.only_worse) == (9, 0)
    assert thrice.p == pytest.approx(once.p, rel=1e-9)  # the same three samples, asked three times, tell no more


def test_the_answers_to_all_images_of_one_person_stay_together():
    """Six images of three people: the signs of three sums are flipped, and not those of six images."""
    better, worse = answers([1, 1, 1, 1, 1, 0]), answers([0, 0, 0, 1, 1, 1])
    found = mcnemar([(better, worse)], Units(np.array([0, 0, 0, 1, 1, 2]), {"subject": 3}))
    assert (found.only_better, found.only_worse) == (3, 1)
    sums = [3 * a + 0 * b - 1 * c for a, b, c in itertools.product((1, -1), repeat=3)]
    assert found.p == pytest.approx(np.mean([abs(s) >= 2 for s in sums]), rel=1e-9)
    everyone = mcnemar([(better, worse)], Units(np.zeros(6, dtype=int), {"subject": 1}))
    assert everyone.p == 1


@pytest.mark.parametrize("excess", [[3, 2, -1, 1, 2, -2, 0, 3], [1, 1, -1], [2, -2], [5], [0, 0], []])
def test_p_counts_every_flip_of_signs(excess):
    sums = [
        sum(s * e for s, e in zip(signs, excess, strict=True))
        for signs in itertools.product((1, -1), repeat=len(excess))
    ]
    expected = np.mean([abs(s) >= abs(sum(excess)) for s in sums])
    assert flip_p(np.array(excess, dtype=int)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("num_samples", "shift"), [(3000, 0.9), (100_000, 0.001)])
def test_many_samples_of_five_seeds_have_the_p_of_the_normal_distribution(num_samples, shift):
    random = np.random.default_rng(0)
    excess = random.integers(-5, 6, size=num_samples)
    excess = np.where(random.random(num_samples) < shift, np.abs(excess), excess)
    z = (abs(excess.sum()) - 0.5) / math.sqrt((excess**2).sum())
    # Convolved over all possible sums, these would take minutes.
    assert flip_p(excess) == pytest.approx(2 * stats.norm.sf(z), rel=2e-3, abs=1e-300)


def test_other_samples_are_refused():
    right = answers([1] * 6)
    with pytest.raises(RunError, match="expected predictions for the same samples"):
        mcnemar([(right, answers([1] * 6, ids="abcdeg"))], Units.alone(6))


def resampled(values, ids="abc", units=None):
    return Resampled(np.array(values, dtype=float), np.array(list(ids)), units or Units.alone(len(ids)))


def test_differences_are_those_of_common_seeds_on_the_same_resamples():
    better = {0: resampled([0.9, 0.8, 0.5, 0.7]), 1: resampled([0.9, 0.8, 0.5, 0.7]), 7: resampled([0, 0, 0, 0], "xyz")}
    worse = {0: resampled([0.6, 0.6, 0.6, 0.6]), 1: resampled([0.6, 0.6, 0.6, 0.6])}
    assert resampled_differences(better, worse) == pytest.approx(np.array([[0.3, 0.2, -0.1, 0.1]] * 2).T)


def test_resamples_that_do_not_allow_the_metric_do_not_count():
    better, worse = {0: resampled([1, 1, np.nan])}, {0: resampled([0, 0, 0])}
    assert resampled_differences(better, worse).tolist() == [[1], [1]]


def test_the_test_over_samples_is_students_t_test_of_the_rows():
    """For a mean over rows, the standard error over resamples is that of the mean, up to the number of resamples."""
    generator, n = np.random.default_rng(0), 12
    rows = generator.normal(0.5, size=n)
    weights = generator.multinomial(n, np.full(n, 1 / n), size=40_000) / n
    found = over_samples((weights @ rows)[:, None], rows.mean(), Units.alone(n))
    plain = stats.ttest_1samp(rows, 0)
    assert found.p == pytest.approx(plain.pvalue, rel=0.05)
    assert (found.low, found.high) == pytest.approx(tuple(plain.confidence_interval()), abs=0.01)


def test_the_end_of_the_interval_is_where_p_is_five_percent():
    differences, units = np.random.default_rng(0).normal(size=(500, 2)), Units.alone(30)
    reach = over_samples(differences, 0.0, units).high
    assert over_samples(differences, reach, units).p == pytest.approx(0.05, rel=1e-9)


@pytest.mark.parametrize(
    ("spread", "seen", "p"), [(0.0, 0.3, 2**-4), (1e-3, 0.3, 2**-4), (0.0, 0.0, 1), (1e-3, 0.0, 1)]
)
def test_p_is_never_below_that_of_units_that_all_agree(spread, seen, p):
    differences = seen + spread * np.random.default_rng(0).normal(size=(500, 1))
    assert over_samples(differences, seen, Units.alone(5)).p == p


def test_runs_that_name_other_people_for_the_same_samples_are_refused():
    people = Units(np.array([0, 0, 1]), {"subject": 2})
    with pytest.raises(RunError, match="expected the same subjects and videos"):
        resampled_differences({0: resampled([1, 1, 1], units=people)}, {0: resampled([0, 0, 0])})


def test_resamples_of_other_samples_are_refused():
    """As many, so that the same places were drawn, but of others."""
    with pytest.raises(RunError, match="expected predictions for the same samples"):
        resampled_differences({0: resampled([1, 1, 1])}, {0: resampled([0, 0, 0], ids="abd")})


def test_the_parts_of_the_variance_are_those_of_the_rows():
    """For a mean over rows, the covariance over test sets is that of the rows' own differences, over n."""
    generator, n = np.random.default_rng(0), 40
    rows = generator.normal(size=(n, 1)) + 2 * generator.normal(size=(n, 3))  # of three seeds, what each row adds
    weights = generator.multinomial(n, np.full(n, 1 / n), size=40_000) / n
    found = sampling(weights @ rows, Units.alone(n))
    shared, own = 0.0, 0.0
    for first in range(3):
        for second in range(3):
            products = [(rows[i, first] - rows[:, first].mean()) * (rows[i, second] - rows[:, second].mean())
                        for i in range(n)]  # fmt: skip
            if first == second:
                own += sum(products) / (n - 1) / n / 3
            else:
                shared += sum(products) / (n - 1) / n / 6
    assert (found.num_samples, found.degrees) == (n, pytest.approx(n - 1))
    assert (found.shared, found.own) == pytest.approx((shared, own - shared), rel=0.05)  # of 40,000 resamples


def test_without_two_samples_or_resamples_nothing_is_known_of_other_test_sets():
    for differences, num_samples in ((np.zeros((500, 3)), 1), (np.zeros((1, 3)), 50)):
        with pytest.raises(RunError, match="expected two or more"):
            sampling(differences, Units.alone(num_samples))
