import numpy as np
import pytest
import torch

from fercli.metrics.affect import mae
from fercli.metrics.severity import (
    MEASURES,
    clamped,
    recording_scores,
    score_kl,
    screening,
    severity_confusion,
    severity_errors,
)
from fercli.ops.score_distribution import score_distribution
from fercli.scales import BDI_II, Scale, named

TRUE = np.array([0.0, 13, 15, 24, 44, 60])
PREDICTED = np.array([5.0, 13.5, 15, 31, 20, 60])


def test_predictions_are_brought_into_the_range_of_the_instrument():
    assert mae(np.array([5.0, 60]), np.array([-5.0, 75])) == 12.5
    assert clamped(np.array([5.0, 60]), np.array([-5.0, 75]), mae, BDI_II) == 4


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
    np.testing.assert_array_equal(severity_confusion(TRUE, PREDICTED, BDI_II), expected)


def test_errors_of_each_band():
    errors = severity_errors(TRUE, PREDICTED, BDI_II)
    np.testing.assert_array_equal(errors["num_videos"], [2, 1, 1, 2])
    np.testing.assert_allclose(errors["mae"], [2.75, 0, 7, 12])
    np.testing.assert_allclose(errors["rmse"], [np.sqrt((25 + 0.25) / 2), 0, 7, np.sqrt(288)])
    np.testing.assert_allclose(errors["bias"], [2.75, 0, 7, -12])


def test_a_band_without_recordings_has_no_error():
    errors = severity_errors(np.array([3.0]), np.array([4.0]), BDI_II)
    assert np.isnan(errors["mae"][1:]).all()
    assert errors["num_videos"].tolist() == [1, 0, 0, 0]


def test_screening_against_a_plain_loop():
    rng, phq = np.random.default_rng(0), named("phq9")
    true, said = rng.integers(0, 28, 50).astype(float), rng.uniform(0, 27, 50)
    counts = {"tp": 0, "fp": 0, "tn": 0, "fn": 0}
    for t, s in zip(true, said, strict=True):
        positive, predicted = t >= 10, np.floor(s + 0.5) >= 10
        counts["tp" if positive and predicted else "fn" if positive else "fp" if predicted else "tn"] += 1
    sensitivity = counts["tp"] / (counts["tp"] + counts["fn"])
    specificity = counts["tn"] / (counts["tn"] + counts["fp"])
    precision = counts["tp"] / (counts["tp"] + counts["fp"])
    expected = [sensitivity, specificity, precision, (sensitivity + specificity) / 2]
    np.testing.assert_allclose([screening(true, said, name, phq) for name in MEASURES], expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("true", "scale"), [([3.0, 4], BDI_II), ([20.0, 30], Scale("own", 40)), ([20.0, 30], Scale("own", 40, cutoff=39))]
)
def test_screening_without_positives_or_without_a_cutoff_has_no_sensitivity(true, scale):
    assert np.isnan(screening(np.array(true), np.array([1.0, 50]), "sensitivity", scale))


def test_bands_follow_the_scale():
    matrix = severity_confusion(np.array([4.0, 12, 22]), np.array([9.0, 12, 12]), named("phq9"))
    assert matrix.shape == (5, 5)
    assert (matrix[0, 1], matrix[2, 2], matrix[4, 2]) == (1, 1, 1)


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
