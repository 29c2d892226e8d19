import csv
import json
from pathlib import Path

import pytest
import torch
import yaml

from fercli.errors import ConfigError


def test_a_training_ends_with_its_run_folder(trained, run_path):
    assert trained.exit_code == 0
    assert Path(run_path).is_dir()
    assert "accuracy" in trained.stdout
    assert "Traceback" not in trained.stderr


def test_progress_goes_to_standard_error(trained):
    assert "epoch 2" in trained.stderr
    assert "steps/s" in trained.stderr
    assert "epoch 2" not in trained.stdout


def test_the_run_folder_says_everything(run_path, training, digits):
    run = Path(run_path)
    assert {path.name for path in run.iterdir() if path.name != ".lock"} >= {
        *["config.yaml", "overrides.txt", "provenance.json", "history.csv", "weights.ckpt", "predictions.parquet"],
        "metrics.json",
    }
    assert (run / "overrides.txt").read_text().splitlines() == training
    config = yaml.safe_load((run / "config.yaml").read_text())
    assert config["loss"]["dda"]["weight"] == 1
    assert config["head"]["num_classes"] == config["sizes"]["num_classes"] == 10
    with open(run / "history.csv") as handle:
        history = list(csv.DictReader(handle))
    assert [row["step"] for row in history] == ["11", "22"]  # 270 rows in batches of 25
    assert {"train/loss", "train/dda", "val/accuracy", "lr", "seconds"} <= set(history[0])
    origin = json.loads((run / "provenance.json").read_text())
    assert origin["data"]["fingerprint"] == json.loads((digits / "dataset.json").read_text())["fingerprint"]


def test_the_metrics_come_with_their_protocol(run_path):
    result = json.loads((Path(run_path) / "metrics.json").read_text())
    assert result["method"] == "dda"
    assert result["data"]["classes"] == [str(digit) for digit in range(10)]
    assert result["num_rows"] == 60
    assert result["epochs"] == 2
    assert result["protocol"]["split"] == "test"
    assert result["protocol"]["selection"] == "holdout"
    assert result["protocol"]["num_train_rows"] == 270
    assert result["metrics"]["accuracy"]["value"] > 0.15  # one in ten is chance
    assert not {"low", "high"} & set(result["metrics"].pop("ece"))
    for score in result["metrics"].values():
        assert score["low"] <= score["value"] <= score["high"]


def test_a_finished_run_is_shown_and_not_trained_again(shell, trained, training, run_path):
    before = {path: path.stat().st_mtime_ns for path in Path(run_path).rglob("*") if path.name != ".lock"}
    outcome = shell("train", *training)
    assert outcome.status == 0
    assert outcome.out.split() == trained.stdout.split()  # apart from the width of the screen
    assert "epoch" not in outcome.err
    assert {path: path.stat().st_mtime_ns for path in Path(run_path).rglob("*") if path.name != ".lock"} == before


def test_json_is_the_metrics_file_and_its_place(shell, training, run_path):
    outcome = shell("train", *training, "--json")
    assert json.loads(outcome.out) == {"run": run_path} | json.loads((Path(run_path) / "metrics.json").read_text())


def test_a_profiler_leaves_its_report_and_changes_no_result(shell, training, run_path, tmp_path):
    outcome = shell("train", *training, f"runs={tmp_path}", "trainer.profiler=simple")
    run = Path(outcome.out.splitlines()[-1])
    assert run.relative_to(tmp_path) == Path(run_path).relative_to(Path(run_path).parents[1])  # the same run id
    assert outcome.err.splitlines()[-1] == f"profile: {run}/profile/fit-simple.txt"
    assert "run_training_epoch" in (run / "profile" / "fit-simple.txt").read_text()
    for name in ("predictions.parquet", "vectors.parquet"):
        assert (run / name).read_bytes() == (Path(run_path) / name).read_bytes()


def test_a_finished_run_is_not_profiled_anew(shell, training, run_path):
    outcome = shell("train", *training, "trainer.profiler=advanced")
    assert outcome.out.splitlines()[-1] == run_path
    assert "note: this run was trained before, without trainer.profiler=advanced" in outcome.err


def test_the_plan_of_a_finished_run(shell, training, run_path):
    lines = shell("train", *training, "--dry-run").out.splitlines()
    assert lines[0] == f"run         {run_path} (finished)"
    assert "rows        270 train, 30 validation, 60 test (selection: best)" in lines
    assert "steps       22 in 2 epochs of batches of 25" in lines


def test_a_plan_writes_nothing(shell, training, tmp_path):
    outcome = shell("train", *training, f"runs={tmp_path}/runs", "seed=5", "--dry-run")
    assert outcome.status == 0
    assert "seed5 (new)" in outcome.out
    assert list(tmp_path.iterdir()) == []


def test_cfg_prints_yaml(shell):
    outcome = shell("train", "method=center", "optimizer.lr=0.5", "--cfg")
    assert outcome.status == 0
    config = yaml.safe_load(outcome.out)
    assert config["optimizer"]["lr"] == 0.5
    assert list(config["loss"]) == ["cross_entropy", "center"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("method=ddaa", "did you mean 'dda'?"),
        ("trainer.max_epoch=3", "did you mean 'max_epochs'?"),
        ("trainr.max_epochs=3", "no option named 'trainr.max_epochs' in train"),
        ("loss=[centre]", "did you mean 'center'?"),
        ("store=nowhere", "expected a store in nowhere"),
        ("data=ferplus", "holds 'mnist', but data=ferplus was asked for. Give another store, or data=mnist"),
        ("data.name=mine", "if you chose the name mnist yourself, add data.name=mnist"),
        ("+loss.dda.reads=[feature,affect,centers]", "loss 'dda' reads 'affect', which no training row of"),
        ("+loss.dda.reads=[expresion]", "did you mean 'expression'?"),
        ("center_bank=none", "add center_bank=he"),
        ("seed=-1", "expected seed as a whole number, at least 0; found -1"),
        ("seed=one", "expected seed as a whole number"),
        ("trainer.batch_size=0", "expected trainer.batch_size as a whole number, at least 1; found 0"),
        ("trainer.max_epochs=many", "expected trainer.max_epochs as a whole number"),
        ("optimizer.lr=fast", "the optimizer or the scheduler refuses its options"),
        ("selection.rule=bset", "did you mean 'best'?"),
        ("selection.monitor=acuracy", "did you mean 'accuracy'?"),
        ("selection.holdout=1", "expected selection.holdout between 0 and 1"),
        ("num_train_rows=abc", "expected num_train_rows as a whole number, at least 1; found abc"),
        ("selection.holdout=abc", "expected selection.holdout as a number, at least 0.0; found abc"),
        ("trainer.num_workers=abc", "expected trainer.num_workers as auto or a whole number, at least 0; found abc"),
        ("trainer.global_batch=no", "expected trainer.global_batch=true or false, found no"),
        ("+logger.mine=3", "expected a name of the logger above its _target_"),
        ("+trainer.max_steeps=3", "no option named 'trainer.max_steeps' in train; did you mean 'max_steps'?"),
        ("+trainer.fast_dev_run=true", "no option named 'trainer.fast_dev_run' in train"),
        ("trainer.profiler=simpel", "no trainer.profiler named 'simpel'; did you mean 'simple'?"),
        ("+sed=1", "no option named 'sed' in train; did you mean 'seed'?"),
        ("+selection.patient=1", "did you mean 'patience'?"),
        ("+optimizer.momentun=0.5", "refuses its options"),
        ("num_train_rows=0", "expected num_train_rows as a whole number, at least 1; found 0"),
        ("backbone.name=test_resnt", "test_resnt"),
        ("method", "expected key=value"),
    ],
)
def test_a_wrong_override_is_one_message_before_anything_is_written(refused, training, tmp_path, override, message):
    arguments = [*training, f"runs={tmp_path}/runs", override]
    assert message in refused("train", *arguments, "--dry-run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("trainer.precision=17", "the trainer refuses its options"),
        ("trainer.devices=3", "trainer.batch_size=25 cannot be divided over 3 processes"),
    ],
)
def test_a_wrong_option_of_the_trainer_is_one_message(refused, training, tmp_path, override, message):
    assert message in refused("train", *training, f"runs={tmp_path}/runs", override)
    assert message in refused("train", *training, f"runs={tmp_path}/planned", override, "--dry-run")
    assert not (tmp_path / "planned").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="it needs a machine without a GPU")
def test_a_gpu_that_is_not_there_is_refused_in_the_plan(refused, training):
    options = ["trainer.accelerator=gpu", "trainer.devices=8", "trainer.batch_size=64"]
    assert "the trainer refuses its options" in refused("train", *training, *options, "--dry-run")


def test_the_number_of_processes_must_be_known_where_the_losses_depend_on_it(refused, training):
    message = refused("train", *training, "trainer.global_batch=false", "trainer.devices=auto", "--dry-run")
    assert message.endswith("with trainer.global_batch=false, because the losses depend on it; found auto")


def test_a_missing_store_is_asked_for(refused):
    assert refused("train", "data=mnist") == "no value for store; add store=<the folder that fercli preprocess writes>"


def test_debug_keeps_the_traceback(shell):
    with pytest.raises(ConfigError, match="did you mean 'dda'"):
        shell("train", "method=ddaa", "--debug")


def test_a_learning_rate_range_test_prints_a_range_and_trains_nothing(shell, training, tmp_path):
    test = ["train", *training, "augment.size=16", "trainer.batch_size=10", f"runs={tmp_path}", "--find-lr"]
    found = json.loads(shell(*test, "--json").out)
    table, figure = Path(found["table"]), Path(found["figure"])
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {table, figure}
    rows = list(csv.DictReader(table.open()))
    assert 1e-6 < found["low"] <= found["lowest_loss"] <= float(rows[-1]["rate"]) <= found["high"]
    said = shell(*test)  # the same numbers again
    assert said.out.startswith(f"range        optimizer.lr from {found['low']:.2g}, where half of the fall")
    assert said.out.endswith("configured   0.05\n")
    assert f"figure: {figure}" in said.err


def test_a_folder_that_cannot_be_made_is_told_before_the_range_test(refused, training, tmp_path, monkeypatch):
    monkeypatch.setattr("fercli.engine.rate_range.rate_range", lambda *_: pytest.fail("the test began"))
    (tmp_path / "runs").write_text("")
    assert refused("train", *training, f"runs={tmp_path}/runs", "--find-lr").startswith("Not a directory (")
