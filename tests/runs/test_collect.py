import errno
import math

import pytest

from fercli.facts import packaged_facts
from fercli.protocol import FIELDS, Protocol
from fercli.runs.collect import collect, over_seeds
from fercli.runs.folder import RunFolder


def test_a_run_gives_one_row_per_metric_with_its_protocol(tmp_path, write_run):
    folder = write_run(tmp_path)
    accuracy, ece = collect(tmp_path).runs.to_dict("records")
    assert accuracy["folder"] == str(folder)
    assert (accuracy["metric"], accuracy["value"], accuracy["low"]) == ("accuracy", 0.8, 0.79)
    assert accuracy["data"] == "ferplus"
    said = {"split": "validation", "classes": "2", "pretraining": "none", "selection": "holdout"}
    assert Protocol.of(accuracy) == Protocol("FER+", **said, criterion="accuracy")
    assert ece["value"] == 0.1
    assert math.isnan(ece["low"])


def test_seeds_become_mean_and_sample_standard_deviation(tmp_path, write_run):
    folders = [write_run(tmp_path, seed=seed, accuracy=value) for seed, value in enumerate([0.80, 0.82, 0.87])]
    row = over_seeds(collect(tmp_path).runs).query("metric == 'accuracy'").iloc[0]
    deviations = [0.80 - 0.83, 0.82 - 0.83, 0.87 - 0.83]
    assert row["value"] == pytest.approx(0.83, rel=1e-12)
    assert row["sd"] == pytest.approx(math.sqrt(sum(d * d for d in deviations) / 2), rel=1e-9)
    assert (row["n"], row["seeds"], row["folders"]) == (3, (0, 1, 2), tuple(map(str, folders)))
    assert math.isnan(row["low"])  # an interval of one run says nothing of three


def test_a_single_run_has_no_deviation_but_keeps_its_interval(tmp_path, write_run):
    write_run(tmp_path)
    row = over_seeds(collect(tmp_path).runs).query("metric == 'accuracy'").iloc[0]
    assert row["n"] == 1
    assert math.isnan(row["sd"])
    assert (row["low"], row["high"]) == (0.79, 0.81)


def test_different_experiments_are_never_averaged(tmp_path, write_run):
    write_run(tmp_path, "dda_a", seed=0)
    write_run(tmp_path, "dda_b", seed=1)
    assert over_seeds(collect(tmp_path).runs).query("metric == 'accuracy'")["n"].tolist() == [1, 1]


def test_what_cannot_be_used_is_left_out_with_a_reason(tmp_path, write_run):
    good = write_run(tmp_path, "good")
    (write_run(tmp_path, "broken") / "metrics.json").write_text('{"run_id": ')
    (write_run(tmp_path, "unfinished") / "metrics.json").unlink()
    RunFolder(write_run(tmp_path, "listed")).finish([])
    (write_run(tmp_path, "without_sums") / "SHA256SUMS").unlink()
    write_run(tmp_path, "empty", metrics={})
    write_run(tmp_path, "worded", metrics={"accuracy": {"value": "high"}})
    RunFolder(write_run(tmp_path, "lacking")).finish({"protocol": {}, "seed": 0})
    write_run(tmp_path, "z_copy", run_id="good")
    (tmp_path / "notes").mkdir()
    found = collect(tmp_path)
    assert set(found.runs["folder"]) == {str(good)}
    assert {entry.folder.parent.name: entry.reason for entry in found.left_out} == {
        "broken": "damaged or changed",
        "without_sums": "damaged or changed",
        "unfinished": "not begun",
        "listed": "damaged or changed",
        "empty": "no metrics",
        "worded": "unreadable metrics.json",
        "lacking": "incomplete metrics.json",
        "z_copy": "a second copy of a run",
    }


def test_a_run_in_the_middle_is_left_out_as_what_it_is(tmp_path, write_run):
    running, stopped, failed = (write_run(tmp_path, name) for name in ("running", "stopped", "failed"))
    for folder in (running, stopped, failed):
        (folder / "metrics.json").unlink()
    (stopped / "checkpoints").mkdir()
    (stopped / "checkpoints" / "last.ckpt").touch()
    failed.with_suffix(".log").write_text("epoch 0\nerror: no label carries a score\n")
    with RunFolder(running).lock():
        left_out = collect(tmp_path).left_out
    assert {entry.folder: entry.reason for entry in left_out} == {
        running: "running",
        stopped: "stopped",
        failed: "failed",
    }


def test_what_lies_inside_of_a_run_is_no_run(tmp_path, write_run):
    folder = write_run(tmp_path)
    write_run(folder / "eval", "copy", seed=1)
    assert set(collect(tmp_path).runs["folder"]) == {str(folder)}


@pytest.mark.parametrize(
    "changes",
    [
        {"data": {"name": "ferplus", "fingerprint": "f2", "classes": []}},
        {"protocol": {"dataset": "FER+", "split": "validation", "selection": "holdout", "size": 48, "budget": "smoke"}},
        {"protocol": {"dataset": "FER+", "split": "validation", "selection": "holdout", "size": 64, "budget": "full"}},
        {"num_rows": 99},
    ],
)
def test_runs_of_other_data_or_protocol_are_never_averaged(tmp_path, write_run, changes):
    write_run(tmp_path, "dda_a", seed=0, run_id="a")
    write_run(tmp_path, "dda_b", seed=1, run_id="a", **changes)
    assert over_seeds(collect(tmp_path).runs).query("metric == 'accuracy'")["n"].tolist() == [1, 1]


@pytest.mark.parametrize("name", FIELDS)
def test_runs_that_differ_in_one_field_of_the_protocol_are_never_averaged(tmp_path, write_run, name):
    protocol = {field: f"some {field}" for field in FIELDS} | {"size": 48, "budget": "full"}
    write_run(tmp_path, "dda_a", seed=0, run_id="a", protocol=protocol)
    write_run(tmp_path, "dda_b", seed=1, run_id="a", protocol=protocol | {name: "other"})
    assert over_seeds(collect(tmp_path).runs).query("metric == 'accuracy'")["n"].tolist() == [1, 1]


def test_over_seeds_a_number_is_a_mean(tmp_path, write_run):
    for seed in (0, 1):
        write_run(tmp_path, seed=seed, protocol={"dataset": "FER+", "aggregation": "single", "budget": "full"})
    runs = collect(tmp_path).runs
    assert set(runs["aggregation"]) == {"single"}
    assert set(over_seeds(runs)["aggregation"]) == {"mean"}


def test_seeds_group_over_versions_of_the_code_and_numbers_of_training_rows(tmp_path, write_run):
    for seed, commit in enumerate(("old", "new", None)):
        protocol = {"split": "val", "selection": "holdout", "num_train_rows": 100 + seed}
        write_run(tmp_path, seed=seed, commit=commit, protocol=protocol)
    row = over_seeds(collect(tmp_path).runs).query("metric == 'accuracy'").iloc[0]
    assert (row["n"], row["commits"]) == (3, ("old", "new"))


def test_a_metric_that_is_not_a_number_is_left_out_alone(tmp_path, write_run):
    metrics = {"accuracy": {"value": 0.5}, "macro_f1": {"value": float("nan")}}
    folder = write_run(tmp_path, metrics=metrics)
    found = collect(tmp_path)
    assert found.runs["metric"].tolist() == ["accuracy"]
    assert [(e.folder, e.reason, e.detail) for e in found.left_out] == [
        (folder, "a metric that is not a number", "macro_f1")
    ]


def test_no_runs_are_an_empty_table(tmp_path):
    found = collect(tmp_path / "nowhere")
    assert found.runs.empty
    assert found.left_out == []
    assert over_seeds(found.runs).empty


OWN = {"label": "own error", "unit": "points", "higher_is_better": False, "decimals": 1, "bounds": [0, 63]}


def test_what_a_metric_says_of_itself_comes_from_the_run(tmp_path, write_run):
    write_run(tmp_path, metrics={"own": {"value": 7.0} | OWN})
    (row,) = collect(tmp_path).runs.to_dict("records")
    assert (row["metric"], row["value"], row["facts"].document()) == ("own", 7.0, OWN)


@pytest.mark.parametrize("score", [{"value": 64.0}, {"value": -1.0}, {"value": 62.0, "low": 60.0, "high": 70.0}])
def test_a_value_outside_of_its_bounds_is_a_damaged_run(tmp_path, write_run, score):
    folder = write_run(tmp_path, metrics={"own": score | OWN})
    found = collect(tmp_path)
    assert found.runs.empty
    (left,) = found.left_out
    assert (left.folder, left.reason) == (folder, "damaged metrics.json")
    assert left.detail.startswith(f"own is {score['value']:g} [")
    assert left.detail.endswith("; expected 0 to 63")


def test_a_run_of_before_metrics_said_what_they_are_takes_that_from_their_yaml(tmp_path, write_run):
    folder = write_run(tmp_path, metrics={"mae": {"value": 7.0}, "own": {"value": 7.0}})
    found = collect(tmp_path)
    assert found.runs[["metric", "facts"]].to_numpy().tolist() == [["mae", packaged_facts()["mae"]]]
    (left,) = found.left_out
    assert (left.folder, left.reason) == (folder, "a metric without unit and direction")
    assert left.detail.startswith(
        "own: neither its metrics.json nor a yaml of fercli says its unit and direction; train"
    )


@pytest.mark.parametrize("change", [{"higher_is_better": None}, {"higher_is_better": "no"}, {"bounds": [63, 0]}])
def test_what_a_metric_says_of_itself_may_be_damaged_too(tmp_path, write_run, change):
    write_run(tmp_path, metrics={"own": {"value": 7.0} | OWN | change})
    assert [left.reason for left in collect(tmp_path).left_out] == ["unreadable metrics.json"]


def test_an_infinite_value_is_no_number(tmp_path, write_run):
    write_run(tmp_path, metrics={"score_kl": {"value": math.inf}})
    assert [left.reason for left in collect(tmp_path).left_out] == ["a metric that is not a number"]


def test_too_many_open_files_say_nothing_of_a_run(tmp_path, write_run, monkeypatch):
    write_run(tmp_path)

    def full(run):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(RunFolder, "read_metrics", full)
    with pytest.raises(OSError, match="Too many open files"):
        collect(tmp_path)


def test_classifiers_fitted_to_a_run_are_experiments_of_their_own(tmp_path, write_run, write_fitted):
    """Each form over the seeds that have it; the evaluation of the network itself is no second run."""
    for seed, value in enumerate((0.8, 0.9)):
        folder = write_run(tmp_path, seed=seed, accuracy=value)
        write_fitted(folder, accuracy=value - 0.5)
        again = RunFolder(folder).evaluation("ferplus", "val", "f1")
        again.path.mkdir(parents=True)
        again.finish(RunFolder(folder).read_metrics())
    write_fitted(folder, "svm_ffffff", accuracy=0.3)
    found = collect(tmp_path)
    table = over_seeds(found.runs).query("metric == 'accuracy'")
    rows = {row["classifier"]: (row["value"], row["n"]) for row in table.fillna({"classifier": ""}).to_dict("records")}
    assert rows == {
        "": (pytest.approx(0.85), 2),
        "svm_0a1b2c": (pytest.approx(0.35), 2),
        "svm_ffffff": (pytest.approx(0.3), 1),
    }
    assert found.left_out == []


def test_a_classifier_evaluated_on_other_data_than_its_run_was_trained_on_is_not_collected(
    tmp_path, write_run, write_fitted
):
    write_fitted(write_run(tmp_path), fingerprint="f2")
    assert collect(tmp_path).runs["classifier"].isna().all()


def test_a_damaged_evaluation_of_a_classifier_is_left_out_alone(tmp_path, write_run, write_fitted):
    folder = write_run(tmp_path)
    damaged = write_fitted(folder)
    (damaged / "metrics.json").write_text("{}")
    found = collect(tmp_path)
    assert set(found.runs["folder"]) == {str(folder)}
    assert [entry.folder for entry in found.left_out] == [damaged]


def test_one_run_is_a_folder_of_one_run(tmp_path, write_run):
    write_run(tmp_path, seed=1)
    folder = write_run(tmp_path)
    assert set(collect(folder).runs["folder"]) == {str(folder)}
    assert collect(folder.with_name("seed9")).runs.empty
