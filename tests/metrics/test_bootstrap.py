import math
import time

import numpy as np
import pytest
from scipy import stats

from fercli.config import compose, instantiate
from fercli.errors import ConfigError
from fercli.metrics.affect import mae
from fercli.metrics.bootstrap import bootstrap_intervals
from fercli.metrics.classification import ece

READS = ["expression", "probabilities"]
METRICS = {
    name: instantiate(compose("train").metrics[name]) for name in ("accuracy", "mean_class_accuracy", "macro_f1", "mcc")
}
ACCURACY = METRICS["accuracy"]


def draw(num_rows, num_classes=8, seed=0):
    rng = np.random.default_rng(seed)
    expression = rng.integers(num_classes, size=num_rows)
    scores = rng.normal(size=(num_rows, num_classes))
    scores[np.arange(num_rows), expression] += 2
    probabilities = np.exp(scores)
    return {"expression": expression, "probabilities": probabilities / probabilities.sum(axis=1, keepdims=True)}


def test_accuracy_has_the_interval_of_its_binomial():
    columns = draw(2000)
    value = ACCURACY(columns)
    low, high = bootstrap_intervals({"accuracy": ACCURACY}, columns, num_resamples=4000)["accuracy"]
    expected = stats.binom(2000, value).ppf([0.025, 0.975]) / 2000
    # Ends of 4,000 resamples are themselves uncertain by about 0.04 standard errors of 0.01.
    np.testing.assert_allclose([low, high], expected, atol=0.002)


def test_the_value_lies_inside_and_a_higher_level_is_wider():
    columns = draw(300)
    narrow = bootstrap_intervals(METRICS, columns, num_resamples=200, level=0.5)
    wide = bootstrap_intervals(METRICS, columns, num_resamples=200)
    for name, metric in METRICS.items():
        assert wide[name][0] < narrow[name][0] < metric(columns) < narrow[name][1] < wide[name][1]


def test_a_calibration_error_has_none_because_it_would_miss_it(make_metric):
    columns = {"expression": np.arange(300) % 4 // 3, "probabilities": np.tile([0.75, 0.25], (300, 1))}
    low, _ = bootstrap_intervals({"ece": make_metric(ece, READS)}, columns, num_resamples=200, level=0.8)["ece"]
    assert low > 0 == ece(*columns.values())
    configured = instantiate(compose("train").metrics.ece)
    assert configured(columns) == 0
    assert set(bootstrap_intervals({"ece": configured, "accuracy": ACCURACY}, columns)) == {"accuracy"}


def test_all_metrics_share_their_resamples_whatever_the_seed():
    columns = draw(100)
    both = bootstrap_intervals({"a": ACCURACY, "b": ACCURACY}, columns, num_resamples=50)
    assert both["a"] == both["b"]
    assert both == bootstrap_intervals({"a": ACCURACY, "b": ACCURACY}, columns, num_resamples=50)
    assert both != bootstrap_intervals({"a": ACCURACY, "b": ACCURACY}, columns, num_resamples=50, seed=1)


def test_unlabelled_rows_change_nothing():
    columns = draw(50)
    expected = bootstrap_intervals(METRICS, columns, num_resamples=20)
    y, p = columns.values()
    more = {"expression": np.append(y, -1), "probabilities": np.concatenate([p, p[:1]])}
    assert bootstrap_intervals(METRICS, more, num_resamples=20) == expected
    low, high = bootstrap_intervals(METRICS, {"expression": np.array([-1]), "probabilities": p[:1]})["accuracy"]
    assert math.isnan(low)
    assert math.isnan(high)


def test_metrics_of_different_columns_each_use_their_own_rows(make_metric):
    columns = draw(50) | {"predicted_valence": np.arange(50.0)}
    columns["valence"] = np.append(np.full(40, np.nan), np.arange(10.0))
    both = METRICS | {"mae": make_metric(mae, ["valence", "predicted_valence"])}
    found = bootstrap_intervals(both, columns, num_resamples=20)
    assert list(found) == list(both)
    assert found["mae"] == (40, 40)  # 40 to 49 stand where 0 to 9 are true
    assert {name: found[name] for name in METRICS} == bootstrap_intervals(METRICS, columns, num_resamples=20)


def test_a_perfect_classifier_leaves_no_doubt():
    y = np.arange(20) % 4
    columns = {"expression": y, "probabilities": np.eye(4)[y]}
    assert bootstrap_intervals({"accuracy": ACCURACY}, columns, num_resamples=20)["accuracy"] == (1, 1)


def test_four_metrics_of_a_test_split_take_seconds():
    columns = draw(4000)
    start = time.process_time()
    bootstrap_intervals(METRICS, columns)
    assert time.process_time() - start < 3


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_in_percent_is_refused(level):
    with pytest.raises(ConfigError, match=f"between 0 and 1, found {level}"):
        bootstrap_intervals(METRICS, draw(5), level=level)
