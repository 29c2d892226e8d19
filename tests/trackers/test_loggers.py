"""One training that is stopped and continued is one run of each tracker, with everything that was logged."""

import json
from importlib.util import find_spec

import pandas as pd
import pytest
import pytorch_lightning as pl

from fercli.config import load
from fercli.engine.training import train
from fercli.errors import ConfigError
from fercli.trackers.loggers import log_evaluation, loggers_of, trackers_of
from fercli.trackers.record import tracked_as
from tests.trackers.wandb_files import records

INSTALLED = [name for name in ("wandb", "mlflow") if find_spec(name)]
FILES = {"config.yaml", "overrides.txt", "provenance.json", "history.csv", "metrics.json"}
PAGE = {"config.yaml", "provenance.json", "metrics.json", "report.html", "figures/drawn.png"}
wandb = pytest.mark.skipif("wandb" not in INSTALLED, reason="wandb is not installed: pip install fercli[wandb]")
mlflow = pytest.mark.skipif("mlflow" not in INSTALLED, reason="MLflow is not installed: pip install fercli[mlflow]")


class StopError(Exception):
    """What ends the first part of the training."""


class StopAfterTheFirstEpoch(pl.Callback):
    def on_train_epoch_start(self, trainer, pl_module):
        if trainer.current_epoch == 1:
            raise StopError


@pytest.fixture(scope="module")
def run(digits_config_at, tmp_path_factory):
    """A training with all loggers that are installed, stopped after an epoch and continued; then a page is sent."""
    folder = tmp_path_factory.mktemp("tracked")
    options = ["logger.wandb.mode=offline"] if "wandb" in INSTALLED else []
    cfg = digits_config_at(folder)(f"logger=[{','.join(['tensorboard', *INSTALLED])}]", *options)
    with pytest.raises(StopError):
        train(cfg, [], [StopAfterTheFirstEpoch()])
    run = train(cfg, [])
    page = run.path / "report.html"
    page.write_text("<p>a page</p>")
    (run.path / "figures").mkdir()
    from PIL import Image

    Image.new("L", (4, 4)).save(run.path / "figures" / "drawn.png")
    assert log_evaluation(load(run.config), run, page) == INSTALLED
    return run


def history(run):
    """The loss terms of each epoch, by step."""
    table = pd.read_csv(run.path / "history.csv")
    return dict(zip(table.step, table["train/cross_entropy"], strict=True))


def scores(run):
    return {name: score["value"] for name, score in run.read_metrics()["metrics"].items()}


def test_tensorboard_holds_the_history_and_the_metrics(run):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = EventAccumulator(str(run.path / "tensorboard")).Reload()
    logged = {event.step: event.value for event in log.Scalars("history/train/cross_entropy")}
    assert logged == pytest.approx(history(run))
    assert log.Scalars("evaluation/accuracy")[-1].value == pytest.approx(scores(run)["accuracy"])


@wandb
def test_wandb_holds_one_run_with_everything(run):
    files = sorted(run.path.glob("wandb/offline-run-*/*.wandb"))
    assert len(files) == 3  # two parts of the training, and the page
    found = [record for path in files for record in records(path)]
    assert {record.run.run_id for record in found if record.HasField("run")} == {tracked_as(run.path, "wandb")}
    rows = [
        {"/".join(item.nested_key) or item.key: json.loads(item.value_json) for item in record.history.item}
        for record in found
        if record.HasField("history")
    ]
    logged = {row["trainer/global_step"]: row["history/train/cross_entropy"] for row in rows if "history/epoch" in row}
    assert logged == pytest.approx(history(run))
    (last,) = [row for row in rows if "evaluation/accuracy" in row]
    assert {name: last[f"evaluation/{name}"] for name in scores(run)} == pytest.approx(scores(run))
    kept = [
        {entry.path for entry in record.request.log_artifact.artifact.manifest.contents}
        | {entry.path for entry in record.artifact.manifest.contents}
        for record in found
        if record.HasField("artifact") or record.request.HasField("log_artifact")
    ]
    assert FILES in kept
    assert PAGE in kept
    config = {
        item.key or item.nested_key[0]: item.value_json
        for record in found
        if record.HasField("run")
        for item in record.run.config.update
    } | {item.key: item.value_json for record in found if record.HasField("config") for item in record.config.update}
    assert json.loads(config["lineage"])["run_id"] == run.run_id
    assert json.loads(config["trainer"])["max_epochs"] == 2


@mlflow
def test_mlflow_holds_one_run_with_everything(run):
    from mlflow.tracking import MlflowClient

    client = MlflowClient(str(run.path.parents[1] / "mlruns"))
    (experiment,) = [one for one in client.search_experiments() if one.name == "fercli"]
    (only,) = client.search_runs([experiment.experiment_id])
    assert only.info.run_id == tracked_as(run.path, "mlflow")
    assert only.info.status == "FINISHED"
    rows = client.get_metric_history(only.info.run_id, "history/train/cross_entropy")
    assert {row.step: row.value for row in rows} == pytest.approx(history(run))
    assert only.data.metrics["evaluation/accuracy"] == pytest.approx(scores(run)["accuracy"])
    assert only.data.params["lineage.run_id"] == run.run_id
    assert only.data.params["trainer.max_epochs"] == "2"

    def kept(folder):
        found = client.list_artifacts(only.info.run_id, folder)
        return {path for one in found for path in (kept(one.path) if one.is_dir else [one.path])}

    assert kept(None) == {*(f"training/{name}" for name in FILES), *(f"evaluation/{name}" for name in PAGE)}


def test_the_run_is_the_same_with_every_logger(digits_config, run):
    from fercli.config import unresolved
    from fercli.runs.identity import run_id

    tracked = digits_config("logger=[tensorboard,wandb]")
    assert run_id(unresolved(tracked), "f") == run_id(unresolved(digits_config()), "f")
    assert trackers_of(tracked) == ["wandb"]


@pytest.mark.parametrize("name", ["wandb", "mlflow"])
def test_a_tracker_that_is_not_installed_is_named_before_the_training(digits_config, name, tmp_path, monkeypatch):
    from pytorch_lightning.loggers import mlflow, wandb

    monkeypatch.setattr(mlflow, "_MLFLOW_AVAILABLE", False)
    monkeypatch.setattr(wandb, "_WANDB_AVAILABLE", False)
    from fercli.runs.folder import RunFolder

    with (
        pytest.raises(ConfigError, match=rf"pip install 'fercli\[{name}\]'"),
        loggers_of(digits_config(f"logger={name}"), RunFolder(tmp_path)),
    ):
        pass
