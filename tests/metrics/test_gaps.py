import numpy as np
import pytest
from scipy import stats

from fercli.metrics import gaps as module
from fercli.metrics.pseudo_values import pseudo_values


def gaps(pseudo, num_rows=None, **options):
    """The test of pseudo-values; without numbers of rows, each unit has one in each of its groups."""
    return module.gaps(pseudo, np.isfinite(pseudo).astype(int) if num_rows is None else num_rows, **options)


def share(values):
    return lambda rows: values[rows].mean() if len(rows) else np.nan


def one_each(values, group, num_groups):
    """Pseudo-values of units that lie in one group each."""
    return np.where(group[:, None] == np.arange(num_groups), values[:, None], np.nan)


def welch(first, second, axis=-1):
    return np.abs(stats.ttest_ind(first, second, equal_var=False, axis=axis).statistic)


def flipped(differences, axis=-1):
    return np.abs(stats.ttest_1samp(differences, 0, axis=axis).statistic)


MANY = 20_000  # draws, so that the Monte Carlo error of a p is at most 0.004


def drawn_again(statistic, *groups):
    """The statistic of groups on resamples of each, minus its mean, of one unit fewer."""
    generator = np.random.default_rng(5)
    drawn = [generator.choice(group - group.mean(), (MANY, len(group) - 1)) for group in groups]
    return statistic(*drawn)


def test_the_interval_between_units_is_the_error_of_welch_times_the_quantile_of_resamples():
    generator = np.random.default_rng(0)
    first, second = generator.normal(size=9), generator.normal(1, 3, size=14)
    (pair,) = gaps(one_each(np.r_[first, second], np.repeat([0, 1], [9, 14]), 2)).pairs
    error = np.sqrt(first.var(ddof=1) / 9 + second.var(ddof=1) / 14)
    assert pair.difference == pytest.approx(first.mean() - second.mean(), rel=1e-9)
    assert pair.difference - pair.low == pytest.approx(pair.high - pair.difference, rel=1e-9)
    factor = np.quantile(drawn_again(welch, first, second), 0.95)
    assert (pair.high - pair.low) / 2 == pytest.approx(factor * error, rel=0.06)


def test_the_interval_within_units_is_the_error_of_the_paired_t_test_times_the_quantile_of_resamples():
    generator = np.random.default_rng(0)
    pseudo = generator.normal(size=(11, 1)) + generator.normal(size=(11, 2)) / 5
    found, differences = gaps(pseudo), pseudo[:, 0] - pseudo[:, 1]
    factor = np.quantile(drawn_again(flipped, differences), 0.95)
    assert found.pairs[0].high - differences.mean() == pytest.approx(factor * stats.sem(differences), rel=0.06)
    assert found.design == "groups within units"


def test_all_intervals_of_three_groups_have_one_factor_and_fit_the_smallest_p():
    found = gaps(np.random.default_rng(0).normal(size=(12, 3)))
    assert found.p == min(pair.p for pair in found.pairs)
    wider = gaps(np.random.default_rng(0).normal(size=(12, 3))[:, [0, 2]]).pairs[0]
    assert (found.pairs[1].first, found.pairs[1].second) == (0, 2)
    assert found.pairs[1].high - found.pairs[1].low > wider.high - wider.low  # one pair alone


def test_units_of_unlike_sizes_count_as_fewer_and_give_wider_intervals_and_larger_p():
    generator = np.random.default_rng(1)
    pseudo = one_each(np.r_[generator.normal(size=12), generator.normal(1, 2, size=12)], np.repeat([0, 1], 12), 2)
    there = np.isfinite(pseudo).astype(int)
    uneven = there * np.tile([1, 9, 1], 8)[:, None]
    alike, unlike = gaps(pseudo, 5 * there), gaps(pseudo, uneven)
    assert alike == gaps(pseudo)
    assert unlike.p > alike.p
    assert unlike.pairs[0].high - unlike.pairs[0].low > 1.1 * (alike.pairs[0].high - alike.pairs[0].low)


def test_an_interval_without_any_spread_in_resamples_is_that_of_t():
    values = np.r_[np.ones(11), 0, np.ones(12)]
    (pair,) = gaps(one_each(values, np.repeat([0, 1], 12), 2)).pairs
    assert pair.high - pair.difference == pytest.approx(stats.t.ppf(0.975, 11) / 12, rel=1e-9)


@pytest.mark.parametrize("spread", [1, 4])
def test_p_between_units_is_the_larger_one_of_all_permutations_and_of_resamples(spread):
    generator = np.random.default_rng(3)
    first, second = generator.normal(size=7), generator.normal(1.2 * spread, spread, size=6)
    exact = stats.permutation_test((first, second), welch, alternative="greater", vectorized=True, n_resamples=np.inf)
    found = gaps(one_each(np.r_[first, second], np.repeat([0, 1], [7, 6]), 2), num_draws=MANY)
    resampled = np.mean(drawn_again(welch, first, second) >= welch(first, second))
    assert found.p == pytest.approx(max(exact.pvalue, resampled), abs=0.015)


def test_p_within_units_is_the_larger_one_of_all_permutations_and_of_resamples():
    generator = np.random.default_rng(3)
    pseudo = generator.normal(size=(8, 1)) * 5 + generator.normal([0, 0.8], 1, size=(8, 2))
    differences = (pseudo[:, 0] - pseudo[:, 1],)
    resampled = np.mean(drawn_again(flipped, *differences) >= flipped(*differences))
    exact = stats.permutation_test(
        differences, flipped, permutation_type="samples", alternative="greater", vectorized=True, n_resamples=np.inf
    )
    assert gaps(pseudo, num_draws=MANY).p == pytest.approx(max(exact.pvalue, resampled), abs=0.015)


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
        values = pseudo_values([share(hits[own]) for own in rows], [unit[own] for own in rows])
        test = gaps(*values, num_draws=99, seed=seed)
        found.append(test.p)
        covered.append(all(pair.low <= 0 <= pair.high for pair in test.pairs))
    assert np.mean(np.array(found) <= 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)
    assert 0.93 <= np.mean(covered) <= 0.99
