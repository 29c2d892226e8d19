import numpy as np
import pytest

from fercli.metrics.constant import constant_predictors, constant_scores


def rows(**recordings):
    """A row for each frame, from the score and the number of frames of each recording."""
    return {
        "score": np.repeat([float(score) for score, _ in recordings.values()], [n for _, n in recordings.values()]),
        "video": np.repeat(np.array(list(recordings), dtype=object), [n for _, n in recordings.values()]),
    }


def test_each_recording_counts_once():
    found = constant_predictors(constant_scores(rows(a=(0, 9), b=(10, 1), c=(35, 2))), rows(d=(5, 1), e=(25, 7)))
    assert (found["mean"].score, found["median"].score) == (15, 10)
    assert (found["mean"].mae, found["mean"].rmse) == (10, 10)
    assert found["median"].mae == 10
    assert found["median"].rmse == pytest.approx(np.sqrt((25 + 225) / 2))


def test_mean_and_median_are_the_best_constants_on_the_recordings_they_come_from():
    generator = np.random.default_rng(0)
    train = {"score": generator.integers(0, 46, 41).astype(float), "video": np.arange(41).astype(str).astype(object)}
    found = constant_predictors(constant_scores(train), train)
    for constant in np.linspace(0, 45, 91):
        assert found["mean"].rmse <= np.sqrt(np.mean((train["score"] - constant) ** 2)) + 1e-12
        assert found["median"].mae <= np.mean(np.abs(train["score"] - constant)) + 1e-12


def test_recordings_without_a_score_do_not_count():
    train, evaluated = rows(a=(10, 2), b=(float("nan"), 2)), rows(c=(12, 1), d=(float("nan"), 3))
    found = constant_predictors(constant_scores(train), evaluated)
    assert (found["mean"].score, found["mean"].mae) == (10, 2)


def test_without_any_score_there_is_no_constant():
    found = constant_predictors(constant_scores(rows(a=(float("nan"), 2))), rows(b=(3, 1)))
    assert np.isnan([found["mean"].score, found["mean"].mae, found["median"].rmse]).all()
