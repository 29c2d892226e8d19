import numpy as np
import pytest

from fercli.metrics.separation import class_separation


@pytest.fixture
def features():
    return np.random.default_rng(0).normal(size=(12, 3))


def test_class_separation_by_loops(features):
    labels = np.repeat([0, 2, 5], 4)
    means = {k: features[labels == k].mean(0) for k in (0, 2, 5)}
    between = min(np.linalg.norm(means[a] - means[b]) for a, b in ((0, 2), (0, 5), (2, 5)))
    within = np.mean([np.linalg.norm(x - means[k]) for x, k in zip(features, labels, strict=True)])
    assert class_separation(features, labels) == pytest.approx(between / within)
    assert class_separation(3 * features, labels) == pytest.approx(between / within)


def test_class_separation_of_one_class_and_of_classes_without_spread_is_no_number(features):
    assert np.isnan(class_separation(features, np.zeros(12, dtype=int)))
    assert np.isnan(class_separation(np.array([[0.0], [0.0], [1.0]]), np.array([0, 0, 1])))
