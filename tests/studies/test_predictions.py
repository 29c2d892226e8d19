import json

import numpy as np
import pandas as pd
import pytest

from fercli.errors import RunError
from fercli.metrics.bootstrap import NUM_RESAMPLES, bootstrap_intervals
from fercli.metrics.classification import mean_class_accuracy
from fercli.metrics.units import Units
from fercli.studies.grid import plan
from fercli.studies.predictions import (
    Predictions,
    columns_of,
    interval,
    read_predictions,
)
from fercli.studies.study import study_from
from tests.stores import reseal

MANY = Units.alone(10_000)


@pytest.fixture
def run(small_plan, finish):
    """A run with 80 % of 1,000 samples right."""
    finish(small_plan.cells[0], 0.8)
    return small_plan.cells[0].run


@pytest.fixture
def predictions(small_plan):
    return Predictions(small_plan.config, small_plan.study.metrics)


def change(run, function):
    path = run.path / "predictions.parquet"
    function(pd.read_parquet(path)).to_parquet(path)
    reseal(path.parent)


def test_columns_are_what_metrics_read(run):
    change(
        run, lambda frame: frame.iloc[::-1].assign(expression=lambda f: f["expression"].where(f["id"] != "sample 003"))
    )
    columns = columns_of(read_predictions(run))
    assert columns["id"][:2].tolist() == ["sample 000", "sample 001"]
    assert columns["expression"][:4].tolist() == [0, 1, 0, -1]
    assert columns["probabilities"].shape == (1000, 2)
    assert columns["probabilities"][0].tolist() == [1.0, 0.0]


def test_distributions_over_scores_are_one_array_again(run):
    shares = np.random.default_rng(0).dirichlet(np.ones(3), 1000)
    change(run, lambda frame: frame.assign(score_probabilities=list(shares)))
    np.testing.assert_array_equal(columns_of(read_predictions(run))["score_probabilities"], shares)


def test_resampled_metrics_agree_with_the_interval_that_a_run_stores(run, predictions, make_metric):
    drawn = predictions.resampled(run, "mean_class_accuracy")
    metric = make_metric(mean_class_accuracy, ["expression", "probabilities"])
    columns = columns_of(read_predictions(run))
    stored = bootstrap_intervals({"m": metric}, columns, num_resamples=NUM_RESAMPLES)["m"]
    assert interval([drawn.values], drawn.units) == pytest.approx((stored.low, stored.high), rel=1e-12)


def test_people_are_drawn_where_the_predictions_name_them(run, predictions):
    change(run, lambda frame: frame.assign(subject=[f"person {i // 50}" for i in range(len(frame))]))
    drawn = predictions.resampled(run, "accuracy")
    assert (drawn.units.counts, drawn.units.number[:51].tolist()) == ({"subject": 20}, [0] * 50 + [1])
    rows = np.random.default_rng(0).integers(20, size=20)[:, None] * 50 + np.arange(50)
    right = predictions.right(run, "accuracy").to_numpy()
    assert drawn.values[0] == pytest.approx(right[rows].mean(), rel=1e-12)


def test_runs_on_the_same_samples_share_their_resamples(small_plan, finish, predictions):
    for cell in small_plan.cells[:2]:
        finish(cell, 0.8)
    first, second = (predictions.resampled(cell.run, "accuracy") for cell in small_plan.cells[:2])
    assert np.array_equal(first.values, second.values)
    assert first.samples.tolist() == second.samples.tolist() == [f"sample {i:03}" for i in range(1000)]


def test_the_samples_of_a_metric_by_video_are_videos(small, request_for, finish):
    """Methods that see other frames of the same videos are evaluated on the same samples."""
    small |= {"metrics": ["mae"], "claims": [], "base": ["metrics=[expression,depression]"]}
    planned = plan(study_from("small", small), request_for("rafdb"))
    for cell, first in zip(planned.cells, (0, 10), strict=False):
        finish(cell)
        scores = {"score": [3.0, 3.0, 9.0], "predicted_score": [1.0, 2.0, 9.0], "video": ["b", "b", "a"]}
        frame = pd.DataFrame({"id": [f"frame {first + i}" for i in range(3)], "expression": None} | scores)
        frame.to_parquet(cell.run.path / "predictions.parquet")
        reseal(cell.run.path)
    predictions = Predictions(planned.config, ("mae",))
    drawn = [predictions.resampled(cell.run, "mae") for cell in planned.cells[:2]]
    assert [found.samples.tolist() for found in drawn] == [["video a", "video b"]] * 2
    assert set(drawn[0].values) == {0.0, 0.75, 1.5}
    assert drawn[0].units.counts == {"video": 2}


def test_a_metric_that_predictions_do_not_allow_leaves_the_others(small, request_for, finish):
    small |= {"metrics": ["ccc_valence", "accuracy"], "claims": [], "base": ["metrics=[expression,affect]"]}
    planned = plan(study_from("small", small), request_for("rafdb"))
    finish(planned.cells[0])
    predictions = Predictions(planned.config, planned.study.metrics)
    assert len(predictions.resampled(planned.cells[0].run, "accuracy").values) == NUM_RESAMPLES
    with pytest.raises(RunError, match="do not hold valence, predicted_valence"):
        predictions.resampled(planned.cells[0].run, "ccc_valence")


def test_a_file_is_read_once_for_all_metrics(run, predictions):
    kept = predictions.resampled(run, "accuracy")
    (run.path / "predictions.parquet").unlink()
    assert predictions.resampled(run, "accuracy") is kept
    assert len(predictions.resampled(run, "mean_class_accuracy").values) == NUM_RESAMPLES


def test_an_interval_over_seeds_and_samples_is_wider_than_over_samples():
    rng = np.random.default_rng(0)
    seeds = [rng.normal(mean, 1, NUM_RESAMPLES) for mean in (80, 84, 88)]
    low, high = interval(seeds, MANY)
    assert low < 81
    assert high > 87
    alone = interval([seeds[1]], MANY)
    assert alone[1] - alone[0] == pytest.approx(2 * 1.96, abs=0.4)


def test_an_interval_over_both_has_their_variances_together():
    """Of n seeds (variance a, n - 1 over n of it seen) and samples (variance b for a seed, drawn apart here)."""
    rng = np.random.default_rng(1)
    n, resamples = 200, 4000
    seeds = [mean + rng.normal(0, 3, resamples) for mean in rng.normal(0, 4, n)]
    low, high = interval(seeds, MANY)
    sd = (high - low) / (2 * 1.96)
    assert sd == pytest.approx(np.sqrt((16 + 9) / n), rel=0.12)


def test_answers_are_right_or_wrong_by_id(run, predictions):
    change(run, lambda frame: frame.iloc[::-1])
    right = predictions.right(run, "accuracy")
    assert right.index[:2].tolist() == ["sample 000", "sample 001"]
    assert right.mean() == 0.8


def test_what_is_missing_is_said(run, predictions, small_plan):
    with pytest.raises(RunError, match="is missing"):
        predictions.right(small_plan.cells[1].run, "accuracy")
    change(run, lambda frame: frame.drop(columns=["prob_fear", "prob_anger"]))
    with pytest.raises(RunError, match="do not hold expression, probabilities"):
        predictions.right(run, "accuracy")
    with pytest.raises(RunError, match="do not hold expression, probabilities"):
        predictions.resampled(run, "accuracy")


def test_a_metric_that_names_classes_takes_those_of_the_run(small, request_for, finish):
    small |= {"metrics": ["minority_recall"], "claims": [], "base": ["metrics=[expression,minority]"]}
    planned = plan(study_from("small", small), request_for("rafdb"))
    finish(planned.cells[0], predicted=("anger", "anger"))
    assert json.loads(planned.cells[0].run.metrics.read_text())["num_rows"] == 3068
    drawn = Predictions(planned.config, ("minority_recall",)).resampled(planned.cells[0].run, "minority_recall").values
    assert set(drawn[~np.isnan(drawn)]) == {0.0}  # fear, the only rare class here, is never found
