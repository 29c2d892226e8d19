import numpy as np
import pytest

from fercli.errors import ConfigError
from fercli.samplers.expression import ExpressionSampler

# Training images of AffectNet with seven classes, in its order.
COUNTS = np.array([74874, 134415, 25459, 14090, 6378, 3803, 24882])
CLASSES = np.repeat(np.arange(7), COUNTS)


def shares(row_weights, groups):
    return np.bincount(groups, row_weights) / row_weights.sum()


def test_every_class_is_equally_likely(labels):
    weights = ExpressionSampler().row_weights(labels(CLASSES))
    np.testing.assert_allclose(shares(weights, CLASSES), np.full(7, 1 / 7), rtol=1e-9)
    assert weights.max() == 1


def test_the_printed_weights_prefer_the_frequent_classes(labels):
    weights = ExpressionSampler("literal").row_weights(labels(CLASSES))
    printed = (0.2225, 0.7171, 0.0257, 0.0079, 0.0016, 0.0006, 0.0246)
    np.testing.assert_allclose(shares(weights, CLASSES), printed, atol=5e-5)


def test_drawn_shares_are_the_expected_ones(labels):
    drawn = ExpressionSampler()(labels(CLASSES), seed=0, epoch=0)
    assert len(drawn) == len(CLASSES) >= 1e5
    assert np.bincount(CLASSES[drawn]) / len(drawn) == pytest.approx(np.full(7, 1 / 7), abs=0.005)


def test_an_epoch_has_as_many_draws_as_rows_with_an_expression(labels):
    assert len(ExpressionSampler()(labels([0, 0, -1, 1, -1]), 0, 0)) == 3


def test_an_unknown_weight_is_refused():
    with pytest.raises(ConfigError, match=r"sampler\.weights named 'literel'.*did you mean 'literal'"):
        ExpressionSampler("literel")
