import math

import pytest
from scipy import stats

from fercli.errors import RunError
from fercli.studies.resampled_t import corrected_t_test

VALUES = [0.9, -0.3, 1.2, 0.6, 0.4]


def test_it_is_the_closed_form_of_five_folds():
    mean = sum(VALUES) / 5
    variance = sum((value - mean) ** 2 for value in VALUES) / 4
    error = math.sqrt((1 / 5 + 1 / 4) * variance)
    half = 2.7764451051977987 * error  # t of 0.975 with 4 degrees
    found = corrected_t_test(VALUES, num_train=80, num_test=20)
    assert (found.num_folds, found.mean, found.sd) == (5, pytest.approx(mean), pytest.approx(math.sqrt(variance)))
    assert (found.low, found.high) == pytest.approx((mean - half, mean + half), rel=1e-9)
    # the distribution function of t with 4 degrees is 1/2 + sqrt(x) (3 - x) / 4, for x = t^2 / (4 + t^2)
    x = (mean / error) ** 2 / (4 + (mean / error) ** 2)
    upper = 0.5 - math.sqrt(x) * (3 - x) / 4
    assert found.p == pytest.approx(2 * upper, rel=1e-9)


def test_with_endless_training_rows_it_is_the_t_test():
    found = corrected_t_test(VALUES, num_train=1e15, num_test=1)
    plain = stats.ttest_1samp(VALUES, 0)
    assert found.p == pytest.approx(plain.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx(tuple(plain.confidence_interval()), rel=1e-9)


def test_the_level_sets_the_width():
    narrow, wide = (corrected_t_test(VALUES, 80, 20, level) for level in (0.5, 0.99))
    t = [stats.t.ppf(quantile, 4) for quantile in (0.75, 0.995)]
    assert (wide.high - wide.low) / (narrow.high - narrow.low) == pytest.approx(t[1] / t[0], rel=1e-9)


@pytest.mark.parametrize(("values", "sd"), [([0.5], None), ([0.1 + 0.2, 0.3, 0.3], 0.0)])
def test_without_spread_there_is_no_interval(values, sd):
    found = corrected_t_test(values, 80, 20)
    assert (found.num_folds, found.sd, found.low, found.high, found.p) == (len(values), sd, None, None, None)
    assert found.mean == pytest.approx(values[0])


@pytest.mark.parametrize(("values", "rows"), [(VALUES, (0, 20)), (VALUES, (80, 0)), ([0.1, math.nan], (80, 20))])
def test_what_has_no_test_is_refused(values, rows):
    with pytest.raises(RunError, match="expected"):
        corrected_t_test(values, *rows)
