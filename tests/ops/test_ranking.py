import math

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from fercli.ops.ranking import area_under_roc, average_precision

RNG = np.random.default_rng(3)
POSITIVE = RNG.random(60) < 0.4
PREDICTED = np.round(RNG.normal(size=60) + POSITIVE, 1)  # with ties


def test_the_area_counts_pairs():
    pairs = [
        1.0 if one > other else 0.5 if one == other else 0.0
        for one in PREDICTED[POSITIVE]
        for other in PREDICTED[~POSITIVE]
    ]
    assert area_under_roc(POSITIVE, PREDICTED) == pytest.approx(np.mean(pairs), rel=1e-9)
    assert area_under_roc(POSITIVE, PREDICTED) == pytest.approx(roc_auc_score(POSITIVE, PREDICTED), rel=1e-9)


def test_average_precision_is_that_of_a_loop_over_thresholds():
    total, before = 0.0, 0.0
    for threshold in sorted(set(PREDICTED), reverse=True):
        said = threshold <= PREDICTED
        recall = POSITIVE[said].sum() / POSITIVE.sum()
        total += (recall - before) * POSITIVE[said].mean()
        before = recall
    assert average_precision(POSITIVE, PREDICTED) == pytest.approx(total, rel=1e-9)
    expected = average_precision_score(POSITIVE, PREDICTED)
    assert average_precision(POSITIVE, PREDICTED) == pytest.approx(expected, rel=1e-9)


def test_a_constant_predictor_ranks_nobody():
    same = np.zeros(60)
    assert area_under_roc(POSITIVE, same) == 0.5
    assert average_precision(POSITIVE, same) == pytest.approx(POSITIVE.mean(), rel=1e-9)


def test_without_two_classes_nothing_is_defined():
    assert math.isnan(area_under_roc(np.ones(3, dtype=bool), np.arange(3.0)))
    assert math.isnan(average_precision(np.zeros(3, dtype=bool), np.arange(3.0)))
