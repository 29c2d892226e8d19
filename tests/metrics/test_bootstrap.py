import math
import time

import numpy as np
import pytest
from scipy import stats

from fercli.errors import ConfigError
from fercli.metrics.bootstrap import bootstrap_intervals
from fercli.metrics.classification import accuracy, ece, macro_f1, mcc, mean_class_accuracy

METRICS = {m.__name__: m for m in (accuracy, mean_class_accuracy, macro_f1, mcc, ece)}


def draw(num_rows, num_classes=8, seed=0):
    rng = np.random.default_rng(seed)
    expression = rng.integers(num_classes, size=num_rows)
    scores = rng.normal(size=(num_rows, num_classes))
    scores[np.arange(num_rows), expression] += 2
    probabilities = np.exp(scores)
    return expression, probabilities / probabilities.sum(axis=1, keepdims=True)


def test_accuracy_has_the_interval_of_its_binomial():
    y, p = draw(2000)
    value = accuracy(y, p)
    low, high = bootstrap_intervals({"accuracy": accuracy}, y, p, num_resamples=4000)["accuracy"]
    expected = stats.binom(2000, value).ppf([0.025, 0.975]) / 2000
    # Ends of 4,000 resamples are themselves uncertain by about 0.04 standard errors of 0.01.
    np.testing.assert_allclose([low, high], expected, atol=0.002)


def test_the_value_lies_inside_and_a_higher_level_is_wider():
    y, p = draw(300)
    narrow = bootstrap_intervals(METRICS, y, p, num_resamples=200, level=0.5)
    wide = bootstrap_intervals(METRICS, y, p, num_resamples=200)
    for name in METRICS.keys() - {"ece"}:  # resampling noise only adds to a calibration error
        value = METRICS[name](y, p)
        assert wide[name][0] < narrow[name][0] < value < narrow[name][1] < wide[name][1]


def test_all_metrics_share_their_resamples_whatever_the_seed():
    y, p = draw(100)
    both = bootstrap_intervals({"a": accuracy, "b": accuracy}, y, p, num_resamples=50)
    assert both["a"] == both["b"]
    assert both == bootstrap_intervals({"a": accuracy, "b": accuracy}, y, p, num_resamples=50)
    assert both != bootstrap_intervals({"a": accuracy, "b": accuracy}, y, p, num_resamples=50, seed=1)


def test_unlabelled_rows_change_nothing():
    y, p = draw(50)
    expected = bootstrap_intervals(METRICS, y, p, num_resamples=20)
    assert bootstrap_intervals(METRICS, np.append(y, -1), np.concatenate([p, p[:1]]), num_resamples=20) == expected
    low, high = bootstrap_intervals(METRICS, np.array([-1]), p[:1])["accuracy"]
    assert math.isnan(low)
    assert math.isnan(high)


def test_a_perfect_classifier_leaves_no_doubt():
    y = np.arange(20) % 4
    assert bootstrap_intervals({"accuracy": accuracy}, y, np.eye(4)[y], num_resamples=20)["accuracy"] == (1, 1)


def test_five_metrics_of_a_test_split_take_seconds():
    y, p = draw(4000)
    start = time.process_time()
    bootstrap_intervals(METRICS, y, p)
    assert time.process_time() - start < 3


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_in_percent_is_refused(level):
    with pytest.raises(ConfigError, match=f"between 0 and 1, found {level}"):
        bootstrap_intervals(METRICS, *draw(5), level=level)
