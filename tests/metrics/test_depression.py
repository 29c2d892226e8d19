"""The metrics of `conf/metrics/depression.yaml` on the examples that are worked out by hand in the specifications."""

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fercli.catalog import CONF
from fercli.config import instantiate
from fercli.metrics.affect import mae, rmse

SCORES = st.lists(st.tuples(st.integers(0, 63), st.floats(-5, 70)), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def metrics():
    content = yaml.safe_load((CONF / "metrics/depression.yaml").read_text())
    return {name: instantiate(metric) for name, metric in content.items()}


def table(*recordings):
    """Columns with a row for each prediction, from (true score, predictions) of each recording."""
    return {
        "score": np.concatenate([np.full(len(said), float(true)) for true, said in recordings]),
        "predicted_score": np.concatenate([np.asarray(said, dtype=float) for _, said in recordings]),
        "video": np.concatenate([np.full(len(said), f"v{i}", dtype=object) for i, (_, said) in enumerate(recordings)]),
    }


def shuffled(columns):
    order = np.random.default_rng(0).permutation(len(columns["score"]))
    return {name: column[order] for name, column in columns.items()}


@pytest.mark.parametrize(
    ("columns", "expected_mae", "expected_rmse"),
    [
        (table((12, [10]), (17, [20]), (30, [30])), 1.6666666667, 2.0816659995),
        (table((12, [10]), (15, [20]), (40, [44])), 3.666666666667, 3.872983346207),
        (table((15, [10, 14, 12]), (20, [30, 20])), 4.0, 4.1231056256),
        (table((12, [10, 14, 15]), (30, [20, 26])), 4.0, 5.0),
    ],
)
def test_values(metrics, columns, expected_mae, expected_rmse):
    assert metrics["mae"](columns) == pytest.approx(expected_mae, abs=1e-9)
    assert metrics["rmse"](columns) == pytest.approx(expected_rmse, abs=1e-9)


def test_errors_of_frames_are_other_numbers(metrics, make_metric):
    columns = table((15, [10, 14, 12]), (20, [30, 20]))
    assert make_metric(mae, ["score", "predicted_score"])(columns) == pytest.approx(3.8)
    assert make_metric(rmse, ["score", "predicted_score"])(columns) == pytest.approx(5.1961524227)


def test_correlations_are_of_recordings(metrics):
    columns = table((0, [0, 10]), (10, [12, 18]), (20, [25]))
    true, predicted = np.array([0, 10, 20]), np.array([5, 15, 25])
    assert metrics["pcc"](columns) == pytest.approx(1)
    covariance = np.mean((true - 10) * (predicted - 15))
    expected = 2 * covariance / (true.var() + predicted.var() + 25)
    assert metrics["ccc"](columns) == pytest.approx(expected)


@settings(max_examples=25)
@given(recordings=st.lists(st.tuples(st.integers(0, 63), st.lists(st.integers(-5, 70), min_size=1)), min_size=2))
def test_order_and_repeated_frames_change_nothing(metrics, recordings):
    once, twice = table(*recordings), table(*[(true, 2 * said) for true, said in recordings])
    for metric in metrics.values():
        assert metric(shuffled(once)) == pytest.approx(metric(once), abs=1e-6)
        assert metric(shuffled(twice)) == pytest.approx(metric(once), abs=1e-6)


@given(pairs=SCORES)
def test_rmse_is_never_below_mae(metrics, pairs):
    columns = table(*[(true, [said]) for true, said in pairs])
    assert metrics["rmse"](columns) >= metrics["mae"](columns) - 1e-9


def test_rmse_is_mae_where_all_errors_are_equal(metrics):
    columns = table((10, [13]), (20, [17]), (40, [43]))
    assert metrics["rmse"](columns) == metrics["mae"](columns) == 3
