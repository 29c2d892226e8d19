import numpy as np
import pytest
from scipy import stats

from fercli.metrics.affect import ccc
from fercli.metrics.gaps import MOST_UNITS, gaps, pseudo_values


def share(values):
    return lambda rows: values[rows].mean() if len(rows) else np.nan


def one_each(values, group, num_groups):
    """Pseudo-values of units that lie in one group each."""
    return np.where(group[:, None] == np.arange(num_groups), values[:, None], np.nan)


def test_pseudo_values_of_rows_are_the_rows():
    hits = np.array([1.0, 0, 1, 1, 0])
    found = pseudo_values([share(hits), share(hits[:3])], [np.arange(5), np.arange(5, 8)])
    np.testing.assert_allclose(found[:5, 0], hits, rtol=1e-9)
    np.testing.assert_allclose(found[5:, 1], hits[:3], rtol=1e-9)
    assert np.isnan(found[:5, 1]).all()
    assert np.isnan(found[5:, 0]).all()


def test_pseudo_values_leave_out_whole_units():
    """A plain loop over the equation, for a metric that is no mean."""
    generator = np.random.default_rng(0)
    true, said, unit = generator.normal(size=12), generator.normal(size=12), np.repeat(["p", "q", "r"], [3, 4, 5])
    found = pseudo_values([lambda rows: ccc(true[rows], said[rows])], [unit])
    for place, name in enumerate("pqr"):
        kept = [row for row in range(12) if unit[row] != name]
        assert found[place, 0] == pytest.approx(3 * ccc(true, said) - 2 * ccc(true[kept], said[kept]), rel=1e-9)


def test_many_units_are_merged():
    values = np.arange(2 * MOST_UNITS + 1.0)
    found = pseudo_values([share(values)], [np.arange(len(values))])
    assert found.shape == (MOST_UNITS, 1)
    assert found.mean() == pytest.approx(values.mean(), rel=1e-3)


def test_for_units_in_one_group_the_interval_is_that_of_welch_but_for_its_degrees_of_freedom():
    generator = np.random.default_rng(0)
    first, second = generator.normal(size=9), generator.normal(1, 3, size=14)
    (pair,) = gaps(one_each(np.r_[first, second], np.repeat([0, 1], [9, 14]), 2)).pairs
    error = np.sqrt(first.var(ddof=1) / 9 + second.var(ddof=1) / 14)
    assert pair.difference == pytest.approx(first.mean() - second.mean(), rel=1e-9)
    assert (pair.high - pair.low) / 2 == pytest.approx(stats.t.ppf(0.975, 8) * error, rel=1e-9)


def test_for_units_in_both_groups_the_interval_is_that_of_the_paired_t_test():
    generator = np.random.default_rng(0)
    pseudo = generator.normal(size=(11, 1)) + generator.normal(size=(11, 2)) / 5
    found = gaps(pseudo)
    expected = stats.ttest_rel(*pseudo.T).confidence_interval(0.95)
    assert (found.pairs[0].low, found.pairs[0].high) == pytest.approx((expected.low, expected.high), rel=1e-9)
    assert found.design == "groups within units"


def test_three_groups_have_the_intervals_of_bonferroni():
    pseudo = np.random.default_rng(0).normal(size=(12, 3))
    found = gaps(pseudo)
    expected = stats.ttest_rel(pseudo[:, 0], pseudo[:, 2]).confidence_interval(1 - 0.05 / 3)
    assert (found.pairs[1].first, found.pairs[1].second) == (0, 2)
    assert (found.pairs[1].low, found.pairs[1].high) == pytest.approx((expected.low, expected.high), rel=1e-9)
    assert found.p == min(pair.p for pair in found.pairs)


def welch(first, second, axis=-1):
    return np.abs(stats.ttest_ind(first, second, equal_var=False, axis=axis).statistic)


def flipped(differences, axis=-1):
    return np.abs(stats.ttest_1samp(differences, 0, axis=axis).statistic)


def drawn_again(statistic, *groups):
    """p of the statistic of groups by a loop over resamples of each, minus its mean."""
    generator, seen = np.random.default_rng(5), statistic(*groups)
    drawn = [statistic(*(generator.choice(group - group.mean(), len(group)) for group in groups)) for _ in range(4000)]
    return np.mean(np.array(drawn) >= seen)


@pytest.mark.parametrize("spread", [1, 4])
def test_p_between_units_is_the_larger_one_of_all_permutations_and_of_resamples(spread):
    generator = np.random.default_rng(3)
    first, second = generator.normal(size=7), generator.normal(1.2 * spread, spread, size=6)
    exact = stats.permutation_test((first, second), welch, alternative="greater", vectorized=True, n_resamples=np.inf)
    found = gaps(one_each(np.r_[first, second], np.repeat([0, 1], [7, 6]), 2))
    assert found.p == pytest.approx(max(exact.pvalue, drawn_again(welch, first, second)), abs=0.02)


def test_p_within_units_is_the_larger_one_of_all_permutations_and_of_resamples():
    generator = np.random.default_rng(3)
    pseudo = generator.normal(size=(8, 1)) * 5 + generator.normal([0, 0.8], 1, size=(8, 2))
    differences = (pseudo[:, 0] - pseudo[:, 1],)
    resampled = drawn_again(flipped, *differences)
    exact = stats.permutation_test(
        differences, flipped, permutation_type="samples", alternative="greater", vectorized=True, n_resamples=np.inf
    )
    assert gaps(pseudo).p == pytest.approx(max(exact.pvalue, resampled), abs=0.02)


def test_units_that_do_not_fit_the_design_are_left_out_of_the_test():
    pseudo = one_each(np.random.default_rng(0).normal(size=20), np.arange(20) % 2, 2)
    pseudo[0] = [0.3, 0.4]
    found = gaps(pseudo)
    assert (found.design, found.num_units) == ("groups of units", 19)


@pytest.mark.parametrize("spoiled", [np.inf, np.nan])
def test_no_test_where_a_value_is_missing_or_units_are_too_few(spoiled):
    pseudo = one_each(np.arange(4.0), np.array([0, 0, 1, 1]), 2)
    pseudo[0, 0] = spoiled
    assert gaps(pseudo) is None


def test_equal_rows_differ_in_nothing_and_separate_ones_as_far_as_permutations_can_tell():
    group = np.repeat([0, 1], 15)
    assert gaps(one_each(np.ones(30), group, 2)).p == 1
    assert gaps(one_each(group.astype(float), group, 2)).p == pytest.approx(1 / 2000)


def test_the_test_keeps_its_level_for_subjects_as_clusters():
    """Of 200 tests of equal groups of 20 subjects, 5 % find a difference, or up to two standard errors more."""
    generator = np.random.default_rng(0)
    found, covered = [], []
    for seed in range(200):
        quality, size = generator.beta(4, 2, 60), generator.integers(1, 9, 60)
        unit = np.repeat(np.arange(60), size)
        hits, group = generator.random(len(unit)) < quality[unit], (np.arange(60) % 3)[unit]
        rows = [group == one for one in range(3)]
        test = gaps(pseudo_values([share(hits[own]) for own in rows], [unit[own] for own in rows]), 99, seed)
        found.append(test.p)
        covered.append(all(pair.low <= 0 <= pair.high for pair in test.pairs))
    assert np.mean(np.array(found) <= 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)
    assert 0.93 <= np.mean(covered) <= 0.99
