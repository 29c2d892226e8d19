import numpy as np
import pytest

from fercli.config import compose, instantiate
from fercli.metrics.constant import constant_predictors, constant_scores

# Also correlations, and what reads other columns: none of these is an error of a predicted score.
METRICS = {
    name: instantiate(metric)
    for name, metric in compose("train", ["metrics=[depression,avec2014,score_decodings]"]).metrics.items()
}


def rows(**recordings):
    """A row for each frame, from the score and the number of frames of each recording."""
    return {
        "score": np.repeat([float(score) for score, _ in recordings.values()], [n for _, n in recordings.values()]),
        "video": np.repeat(np.array(list(recordings), dtype=object), [n for _, n in recordings.values()]),
    }


def test_each_recording_counts_once():
    found = constant_predictors(
        constant_scores(rows(a=(0, 9), b=(10, 1), c=(35, 2))), rows(d=(5, 1), e=(25, 7)), METRICS
    )
    assert (found["mean"].score, found["median"].score) == (15, 10)
    assert found["mean"].errors == {"mae": 10, "rmse": 10}  # no task and no sitting is known
    assert found["median"].errors["mae"] == 10
    assert found["median"].errors["rmse"] == pytest.approx(np.sqrt((25 + 225) / 2))


def test_mean_and_median_are_the_best_constants_on_the_recordings_they_come_from():
    generator = np.random.default_rng(0)
    train = {"score": generator.integers(0, 46, 41).astype(float), "video": np.arange(41).astype(str).astype(object)}
    found = constant_predictors(constant_scores(train), train, METRICS)
    for constant in np.linspace(0, 45, 91):
        assert found["mean"].errors["rmse"] <= np.sqrt(np.mean((train["score"] - constant) ** 2)) + 1e-12
        assert found["median"].errors["mae"] <= np.mean(np.abs(train["score"] - constant)) + 1e-12


def test_recordings_without_a_score_do_not_count():
    train, evaluated = rows(a=(10, 2), b=(float("nan"), 2)), rows(c=(12, 1), d=(float("nan"), 3))
    found = constant_predictors(constant_scores(train), evaluated, METRICS)
    assert (found["mean"].score, found["mean"].errors["mae"]) == (10, 2)


def test_without_any_score_there_is_no_constant():
    found = constant_predictors(constant_scores(rows(a=(float("nan"), 2))), rows(b=(3, 1)), METRICS)
    assert np.isnan([found["mean"].score, found["mean"].errors["mae"], found["median"].errors["rmse"]]).all()


def test_every_error_of_the_score_has_a_constant_whatever_its_name(make_metric):
    evaluated = rows(d=(5, 1), e=(25, 7))
    largest = make_metric(
        lambda true, said: float(abs(true - said).max()), ["score", "predicted_score"], higher_is_better=False
    )
    of_valence = make_metric(lambda true, said: 0.0, ["valence", "predicted_valence"], higher_is_better=False)
    found = constant_predictors({"mean": 10.0}, evaluated, {"largest": largest, "mae": of_valence})
    assert found["mean"].errors == {"largest": 15}
