import numpy as np
import pytest
import torch

from fercli.metrics.affect import mae
from fercli.metrics.severity import clamped, recording_scores, score_kl, severity_confusion, severity_errors
from fercli.ops.score_distribution import score_distribution

TRUE = np.array([0.0, 13, 15, 24, 44, 60])
PREDICTED = np.array([5.0, 13.5, 15, 31, 20, 60])


def test_predictions_are_brought_into_the_range_of_the_instrument():
    assert mae(np.array([5.0, 60]), np.array([-5.0, 75])) == 12.5
    assert clamped(np.array([5.0, 60]), np.array([-5.0, 75]), mae) == 4


def test_divergence_from_the_true_distribution():
    """K3 and D5."""
    uniform = np.full((1, 64), 1 / 64)
    assert score_kl(np.array([10.0]), uniform) == pytest.approx(2.0467982702, rel=1e-9)
    target = score_distribution(torch.tensor([20.0, 21, 22, 25, 30], dtype=torch.float64), 64, 2.0).numpy()
    for shares, expected in zip(target, [0, 0.125, 0.5, 3.125, 12.5], strict=True):
        assert score_kl(np.array([20.0]), shares[None]) == pytest.approx(expected, abs=1e-6)
    assert score_kl(np.array([20.0, 21]), target[[0, 0]]) == pytest.approx(0.0625, abs=1e-6)


def test_confusion_of_bands():
    expected = np.zeros((4, 4), dtype=int)
    for true, said in [(0, 0), (0, 1), (1, 1), (2, 3), (3, 2), (3, 3)]:
        expected[true, said] += 1
    np.testing.assert_array_equal(severity_confusion(TRUE, PREDICTED), expected)


def test_errors_of_each_band():
    errors = severity_errors(TRUE, PREDICTED)
    np.testing.assert_array_equal(errors["num_videos"], [2, 1, 1, 2])
    np.testing.assert_allclose(errors["mae"], [2.75, 0, 7, 12])
    np.testing.assert_allclose(errors["rmse"], [np.sqrt((25 + 0.25) / 2), 0, 7, np.sqrt(288)])
    np.testing.assert_allclose(errors["bias"], [2.75, 0, 7, -12])


def test_a_band_without_recordings_has_no_error():
    errors = severity_errors(np.array([3.0]), np.array([4.0]))
    assert np.isnan(errors["mae"][1:]).all()
    assert errors["num_videos"].tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize(("aggregation", "scores"), [("mean", [14, 25]), ("median", [12, 25])])
def test_recordings_are_scored_once(aggregation, scores):
    columns = {
        "score": np.array([15, 20, 15, np.nan, 20, 15.0]),
        "predicted_score": np.array([10, 30, 20, 50, 20, 12.0]),
        "video": np.array(["a", "b", "a", "c", "b", "a"], dtype=object),
    }
    true, predicted = recording_scores(columns, aggregation)
    np.testing.assert_array_equal(true, [15, 20])
    np.testing.assert_array_equal(predicted, scores)
