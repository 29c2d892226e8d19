import numpy as np
import pytest

from fercli.ops.ranking import area_under_roc, average_precision
from fercli.ops.ranking_curves import precision_recall, receiver_operating

RNG = np.random.default_rng(0)
POSITIVE = RNG.random(60) < 0.4
PREDICTED = np.round(RNG.normal(size=60) + POSITIVE, 1)  # with ties


def test_the_points_are_those_of_each_threshold():
    thresholds = [np.inf, *sorted(set(PREDICTED), reverse=True)]
    said = [threshold <= PREDICTED for threshold in thresholds]
    false_rate, rate = receiver_operating(POSITIVE, PREDICTED)
    np.testing.assert_allclose(rate, [one[POSITIVE].mean() for one in said], rtol=1e-12)
    np.testing.assert_allclose(false_rate, [one[~POSITIVE].mean() for one in said], rtol=1e-12)
    recall, precision = precision_recall(POSITIVE, PREDICTED)
    np.testing.assert_allclose(recall, [one[POSITIVE].mean() for one in said], rtol=1e-12)
    np.testing.assert_allclose(precision, [1, *(POSITIVE[one].mean() for one in said[1:])], rtol=1e-12)


def test_the_areas_of_the_curves_are_the_numbers_beside_them():
    false_rate, rate = receiver_operating(POSITIVE, PREDICTED)
    assert np.trapezoid(rate, false_rate) == pytest.approx(area_under_roc(POSITIVE, PREDICTED), rel=1e-9)
    recall, precision = precision_recall(POSITIVE, PREDICTED)
    area = np.sum(np.diff(recall) * precision[1:])
    assert area == pytest.approx(average_precision(POSITIVE, PREDICTED), rel=1e-9)
