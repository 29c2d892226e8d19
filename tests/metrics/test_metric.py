import math
from functools import partial

import numpy as np
import pytest

from fercli.config import compose, instantiate
from fercli.errors import ConfigError, RunError
from fercli.metrics.affect import mae, rmse
from fercli.scales import BDI_II, named

COLUMNS = {
    "expression": np.array([0, 1, -1, 1]),
    "valence": np.array([0.5, np.nan, 0.1, -0.5]),
    "predicted_valence": np.array([0.4, 0.3, 0.2, 0.1]),
    "probabilities": np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5], [0.6, 0.4]]),
}


@pytest.mark.parametrize(
    ("reads", "rows"),
    [
        (["expression"], [0, 1, 3]),
        (["valence", "predicted_valence"], [0, 2, 3]),
        (["predicted_valence", "valence", "expression"], [0, 3]),
        (["probabilities", "expression"], [0, 1, 3]),
    ],
)
def test_a_function_gets_what_it_reads_in_that_order_where_every_label_is_known(reads, rows, make_metric):
    seen = []
    assert make_metric(lambda *values: seen.extend(values) or 7, reads)(COLUMNS) == 7
    assert len(seen) == len(reads)
    for name, value in zip(reads, seen, strict=True):
        np.testing.assert_array_equal(value, COLUMNS[name][rows])


def test_without_a_labelled_row_there_is_no_number(make_metric):
    columns = {"valence": np.full(2, np.nan), "predicted_valence": np.zeros(2)}
    metric = make_metric(lambda *_: 1 / 0, ["valence", "predicted_valence"])
    assert math.isnan(metric(columns))
    assert not metric.is_possible(columns)
    assert not metric.is_possible({"valence": np.zeros(2)})
    assert metric.is_possible(COLUMNS)


LACKS = [
    (["valence", "predicted_valence"], {}, ["predicted_valence"], "nothing predicts predicted_valence"),
    (["valence", "predicted_valence"], {}, ["valence"], "the data has no valence"),
    (["valence", "predicted_valence"], {}, ["valence", "predicted_valence"], "the data has no valence"),
    (["valence", "predicted_valence"], {"per": "session"}, ["session"], "the data has no session"),
    (["valence", "predicted_valence"], {"videos": "_x"}, [], "no rows of videos that end in '_x' have valence"),
    (["feature"], {}, [], "nothing predicts feature"),
]


@pytest.mark.parametrize(("reads", "options", "missing", "reason"), LACKS)
def test_the_reason_why_a_metric_has_no_value_is_known(make_metric, reads, options, missing, reason):
    columns = COLUMNS | {"session": np.zeros(4, int), "video": np.array(["a"] * 4, dtype=object)}
    columns = {name: column for name, column in columns.items() if name not in missing}
    metric = make_metric(lambda *_: 0, reads, **options)
    assert metric.lack(columns) == reason
    assert not metric.is_possible(columns)


def test_labels_that_no_row_has_are_named(make_metric):
    columns = {"valence": np.full(2, np.nan), "predicted_valence": np.zeros(2)}
    assert make_metric(lambda *_: 0, ["valence", "predicted_valence"]).lack(columns) == "no rows have valence"


def test_a_prediction_that_is_no_number_is_no_missing_label(make_metric):
    columns = COLUMNS | {"predicted_valence": np.full(4, np.nan)}
    with pytest.raises(RunError, match="expected finite predictions, found NaN: training has diverged"):
        make_metric(lambda *_: 0, ["valence", "predicted_valence"])(columns)


VIDEOS = {
    "video": np.array(["a", "b", "a", "b", "a", None], dtype=object),
    "score": np.array([15.0, 20.0, 15.0, 20.0, 15.0, np.nan]),
    "predicted_score": np.array([10.0, 30.0, 14.0, 20.0, 12.0, 1.0]),
}


def test_frames_of_a_video_become_one_row(make_metric):
    """M2 of the specification of DLGA-CNN."""
    reads = ["score", "predicted_score"]
    assert make_metric(mae, reads, per="video")(VIDEOS) == 4.0
    np.testing.assert_allclose(make_metric(rmse, reads, per="video")(VIDEOS), 4.1231056256, rtol=1e-10)
    np.testing.assert_allclose(make_metric(mae, reads)(VIDEOS), 3.8, rtol=1e-12)
    np.testing.assert_allclose(make_metric(rmse, reads)(VIDEOS), 5.1961524227, rtol=1e-10)


def test_frames_of_a_video_can_be_merged_by_their_median(make_metric):
    merged = make_metric(
        lambda true, predicted: float(predicted[0]), ["score", "predicted_score"], per="video", aggregation="median"
    )
    assert merged(VIDEOS) == 12.0
    skewed = VIDEOS | {"predicted_score": np.array([10.0, 30.0, 14.0, 20.0, 90.0, 1.0])}
    assert merged(skewed) == 14.0


def test_rows_of_no_video_stand_for_themselves(make_metric):
    columns = {"video": np.array([None, None]), "score": np.array([1.0, 2.0]), "predicted_score": np.array([2.0, 4.0])}
    assert make_metric(mae, ["score", "predicted_score"], per="video")(columns) == 1.5
    del columns["video"]
    assert make_metric(mae, ["score", "predicted_score"], per="video")(columns) == 1.5


TASKS = {
    "video": np.array(["1_Freeform", "1_Northwind", "1_Freeform", "2_Freeform", "3_Northwind"], dtype=object),
    "session": np.array([7, 7, 7, 8, -1]),
    "score": np.array([10.0, 10, 10, 20, 30]),
    "predicted_score": np.array([10.0, 20, 18, 24, 33]),
}


def test_videos_of_a_sitting_count_once_however_many_frames_each_has(make_metric):
    seen = make_metric(lambda *rows: np.stack(rows).tolist(), ["score", "predicted_score"], per="session").rows(TASKS)
    assert sorted(zip(*seen, strict=True)) == [(10, 17), (20, 24), (30, 33)]  # 17: the mean of 14 and 20
    without = {name: column for name, column in TASKS.items() if name != "session"}
    assert not make_metric(mae, ["score", "predicted_score"], per="session").is_possible(without)


def test_a_metric_of_the_videos_of_one_task(make_metric):
    freeform, northwind, other = (
        make_metric(mae, ["score", "predicted_score"], per="video", videos=task)
        for task in ("_Freeform", "_Northwind", "_Other")
    )
    assert (freeform(TASKS), northwind(TASKS)) == (4.0, 6.5)
    assert not other.is_possible(TASKS)
    assert not freeform.is_possible(COLUMNS | {"score": np.ones(4), "predicted_score": np.ones(4)})


def test_a_video_of_two_scores_is_refused(make_metric):
    columns = VIDEOS | {"score": np.array([15.0, 20.0, 16.0, 20.0, 15.0, np.nan])}
    with pytest.raises(RunError, match="expected one score for each video, found several for a"):
        make_metric(mae, ["score", "predicted_score"], per="video")(columns)


def test_an_unknown_unit_is_refused(make_metric):
    with pytest.raises(ConfigError, match="no choice of a metric named 'clip'"):
        make_metric(mae, ["score"], per="clip")


def test_a_value_outside_of_its_bounds_is_told_at_once(make_metric):
    percent = make_metric(lambda *_: 84.0, ["valence", "predicted_valence"], label="agreement", bounds=[0, 1])
    with pytest.raises(RunError, match=r"expected the metric 'agreement' within its bounds \(0 to 1\), found 84"):
        percent(COLUMNS)


def test_a_metric_says_what_it_is_or_is_not_built(make_metric):
    assert make_metric(
        mae, ["score", "predicted_score"], label="MAE", unit="points", bounds=[0, None]
    ).facts.bounds == (0, None)
    with pytest.raises(ConfigError, match="expected higher_is_better: true or false; found higher_is_better: 'yes'"):
        make_metric(mae, ["score"], higher_is_better="yes")


def test_a_share_knows_which_rows_are_right(make_metric):
    agrees = make_metric(lambda true, said: float(np.mean(true * said > 0)), ["valence", "predicted_valence"])
    assert agrees.right(COLUMNS).tolist() == [True, True, False]
    assert agrees.samples(COLUMNS | {"id": np.array(["a", "b", "c", "d"])}).tolist() == ["a", "c", "d"]


def test_what_is_no_share_is_told(make_metric):
    for function in (mae, lambda true, said: float(np.mean(true * said > 0) ** 2)):
        with pytest.raises(RunError, match="says is_share: true, but is not the share of rows that are right"):
            make_metric(function, ["valence", "predicted_valence"]).right(COLUMNS)


def test_a_metric_of_rare_classes_names_them(make_metric):
    named = partial(lambda true, said, names: 0.0, names=["fear"])
    assert make_metric(named, ["expression", "probabilities"], names_rare=True).options["names"] == ["fear"]
    with pytest.raises(ConfigError, match="expected option `names` of its function with names_rare: true"):
        make_metric(lambda true, said: 0.0, ["expression", "probabilities"], names_rare=True)


def test_an_error_is_of_one_predicted_number(make_metric):
    found = make_metric(mae, ["score", "predicted_score"], is_error=True).document()
    assert (found["reads"], found["is_error"]) == (["score", "predicted_score"], True)
    with pytest.raises(ConfigError, match="in `reads` with is_error: true; found expression, probabilities"):
        make_metric(mae, ["expression", "probabilities"], is_error=True)


def test_samples_are_the_rows_that_count(make_metric):
    ids = {"id": np.array([f"frame {i}" for i in range(6)], dtype=object)}
    by_video = make_metric(mae, ["score", "predicted_score"], per="video", videos="b")
    assert by_video.samples(VIDEOS | ids | {"video": np.array(["a", "b", "a", "b", "a", "a"])}).tolist() == ["video b"]
    by_session = make_metric(mae, ["score", "predicted_score"], per="session")
    assert by_session.samples(TASKS).tolist() == ["session 7", "session 8", "video 3_Northwind"]


@pytest.mark.parametrize(("own", "told"), [({}, 3), ({"classes": ["a"]}, 1)])
def test_a_function_that_takes_classes_is_told_their_names_unless_it_has_its_own(make_metric, own, told):
    metric = make_metric(partial(lambda expression, classes: len(classes), **own), ["expression"])
    assert metric.for_data(["${oc.env:HOME}", "b", "c"], BDI_II)(COLUMNS) == told


def test_what_the_yaml_says_of_a_function_is_kept_beside_the_classes():
    metric = instantiate(compose("train", ["metrics=[expression,minority]"]).metrics.minority_recall)
    assert metric.for_data(("fear", "joy"), BDI_II).function.keywords == {
        "names": ["fear", "disgust"],
        "classes": ("fear", "joy"),
    }


def test_a_function_that_takes_the_scale_is_told_that_of_the_data():
    metric = instantiate(compose("train", ["metrics=[clamped]"]).metrics.mae_clamped).for_data((), named("phq9"))
    columns = {"score": np.array([20.0]), "predicted_score": np.array([50.0]), "video": np.array(["a"], dtype=object)}
    assert metric(columns) == 7


def test_a_function_is_called_directly():
    """Hydra's own partial checks its target at every call, which costs more than most functions."""
    for metric in instantiate(compose("train", ["data=synthetic", "metrics=retrieval"]).metrics).values():
        parts = [metric.function, *metric.function.args, *metric.function.keywords.values()]
        assert {type(part) for part in parts if isinstance(part, partial)} == {partial}


@pytest.mark.parametrize("found", [np.ones(3), None, "high"])
def test_a_function_that_returns_no_number_is_told(make_metric, found):
    metric = make_metric(lambda expression: found, ["expression"])
    with pytest.raises(ConfigError, match=rf"metric 'made' to return one number, found {type(found).__name__}: "):
        metric({"expression": np.array([1, 2])})


def test_a_function_that_takes_other_arguments_than_it_reads_is_told_at_the_start(make_metric):
    with pytest.raises(ConfigError, match=r"^the metric 'made' reads expression, but its function takes \(a, b\)"):
        make_metric(lambda a, b: 0.0, ["expression"])
    make_metric(lambda a, classes: 0.0, ["expression"])  # classes are told later
