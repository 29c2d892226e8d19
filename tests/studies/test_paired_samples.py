import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fercli.errors import RunError
from fercli.studies.paired_samples import flip_p, mcnemar, paired_bootstrap
from fercli.studies.predictions import Resampled


def answers(right, ids="abcdef"):
    return pd.Series([bool(r) for r in right], index=list(ids))


def test_one_seed_is_mcnemars_exact_test():
    better, worse = answers([1, 1, 1, 1, 0, 0]), answers([0, 0, 0, 1, 1, 0])
    found = mcnemar([(better, worse)])
    assert (found.only_better, found.only_worse) == (3, 1)
    assert found.p == pytest.approx(stats.binomtest(3, 4).pvalue, rel=1e-9)


def test_the_answers_of_all_seeds_to_one_sample_stay_together():
    better, worse = answers([1, 1, 1, 1, 1, 1]), answers([0, 0, 0, 1, 1, 1])
    once, thrice = mcnemar([(better, worse)]), mcnemar(3 * [(better, worse)])
    assert (thrice.only_better, thrice.only_worse) == (9, 0)
    assert thrice.p == pytest.approx(once.p, rel=1e-9)  # the same three samples, asked three times, tell no more


@pytest.mark.parametrize("excess", [[3, 2, -1, 1, 2, -2, 0, 3], [1, 1, -1], [2, -2], [5], [0, 0], []])
def test_p_counts_every_flip_of_signs(excess):
    sums = [
        sum(s * e for s, e in zip(signs, excess, strict=True))
        for signs in itertools.product((1, -1), repeat=len(excess))
    ]
    expected = np.mean([abs(s) >= abs(sum(excess)) for s in sums])
    assert flip_p(np.array(excess, dtype=int)) == pytest.approx(expected, rel=1e-9)


def test_other_samples_are_refused():
    right = answers([1] * 6)
    with pytest.raises(RunError, match="expected predictions for the same samples"):
        mcnemar([(right, answers([1] * 6, ids="abcdeg"))])


def resampled(values, ids="abc"):
    return Resampled(np.array(values, dtype=float), np.array(list(ids)))


def test_the_bootstrap_counts_resamples_on_the_other_side():
    better = {0: resampled([0.9, 0.8, 0.5, 0.7]), 1: resampled([0.9, 0.8, 0.5, 0.7]), 7: resampled([0, 0, 0, 0], "xyz")}
    worse = {0: resampled([0.6, 0.6, 0.6, 0.6]), 1: resampled([0.6, 0.6, 0.6, 0.6])}
    assert paired_bootstrap(better, worse) == pytest.approx(2 * (1 + 1) / 5, rel=1e-12)
    assert paired_bootstrap(worse, worse) == 1.0


def test_resamples_that_do_not_allow_the_metric_do_not_count():
    better, worse = {0: resampled([1, 1, np.nan])}, {0: resampled([0, 0, 0])}
    assert paired_bootstrap(better, worse) == pytest.approx(2 / 3, rel=1e-12)


def test_resamples_of_other_samples_are_refused():
    """As many, so that the same places were drawn, but of others."""
    with pytest.raises(RunError, match="expected predictions for the same samples"):
        paired_bootstrap({0: resampled([1, 1, 1])}, {0: resampled([0, 0, 0], ids="abd")})
