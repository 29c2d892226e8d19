"""Two processes give the numbers of one, for the same global batch."""

import csv
import json

import pandas as pd
import pytest
import torch

from fercli.config import compose
from fercli.engine.training import train
from fercli.losses.center import CenterBank
from tests.processes import run_fercli

STEP = ["trainer.max_epochs=1", "trainer.batch_size=50", "num_train_rows=150", "augment=none", "backbone=lenets"]
LOSSES = ["loss=[cross_entropy,center,dda,soft_triple,n_pair]", "loss.dda.weight=1"]  # proxies; a choice by order
EMOTION = ["backbone=lenets", "method=center", "trainer.batch_size=60", "optimizer.lr=0.002", "augment=none"]
PASSER = ["passer=mean", f"passer.emotion={EMOTION}", "passer.data=mnist", "passer.unit=batch"]  # 3 batches, 3 passes
TRAINING = ["data=mnist", "method=dda", *LOSSES, "optimizer.lr=0.001", "logger=none", *STEP, *PASSER]
TWO = ["trainer.devices=2", "trainer.strategy=ddp", "trainer.accelerator=cpu"]


@pytest.fixture(scope="module")
def alone(digits, tmp_path_factory):
    """The run folder of one process."""
    runs = tmp_path_factory.mktemp("alone") / "runs"
    stores = [f"store={digits}", f"passer.store={digits}"]
    return train(compose("train", [*TRAINING, *stores, f"runs={runs}", "trainer.accelerator=cpu"]), []).path


@pytest.fixture(scope="module")
def together(digits, tmp_path_factory):
    """The run folder of two processes, joined by gloo: the first starts the second, as for a user."""
    folder = tmp_path_factory.mktemp("together")
    stores = [f"store={digits}", f"passer.store={digits}", f"runs={folder}/runs"]
    status, printed = run_fercli(folder / "log", "train", *TRAINING, *stores, *TWO)
    assert status == 0, printed
    (run,) = folder.glob("runs/*/seed*")
    assert printed.splitlines().count(str(run)) == 1
    return run


def state(run):
    return torch.load(run / "weights.ckpt", weights_only=True)["state_dict"]


def test_it_is_the_same_experiment(alone, together):
    assert alone.relative_to(alone.parents[1]) == together.relative_to(together.parents[1])


def test_weights_and_centers_are_equal(alone, together):
    expected, found = state(alone), state(together)
    assert set(found) == set(expected)
    assert {"objective.centers.centers", "objective.losses.soft_triple.fc"} <= set(expected)
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=0, atol=1e-6, msg=lambda text, name=name: f"{name}: {text}")


def test_centers_have_moved(alone):
    """Else the test above would compare two initializations."""
    begin = CenterBank(num_classes=10, dim=2, alpha=0.5, seed=0).centers
    assert (state(alone)["objective.centers.centers"] - begin).abs().max() > 1e-2


def test_every_sample_is_predicted_once(alone, together):
    expected, found = (pd.read_parquet(run / "predictions.parquet") for run in (alone, together))
    assert len(found) == found["id"].nunique() == 60
    pd.testing.assert_frame_equal(found, expected, rtol=0, atol=1e-6)


def test_validation_is_over_all_processes(alone, together):
    rows = []
    for run in (alone, together):
        with open(run / "history.csv") as handle:
            rows.append(list(csv.DictReader(handle)))
    (expected,), (found,) = rows
    assert set(found) == set(expected)
    for name in set(expected) - {"seconds"}:
        assert float(found[name]) == pytest.approx(float(expected[name]), abs=1e-5), name


def numbers(score):
    """The value and its interval."""
    return {key: score[key] for key in ("value", "low", "high") if key in score}


def test_metrics_are_equal(alone, together):
    expected, found = (json.loads((run / "metrics.json").read_text()) for run in (alone, together))
    assert found["run_id"] == expected["run_id"]
    for name, score in expected["metrics"].items():
        assert numbers(found["metrics"][name]) == pytest.approx(numbers(score), abs=1e-6), name


def test_the_model_that_weights_are_passed_from_is_equal(alone, together):
    """The mean passer trains it itself, so it averages gradients itself; what it passes is in the weights above."""
    expected, found = (
        json.loads((run / "metrics.json").read_text())["emotion"]["metrics"] for run in (alone, together)
    )
    assert set(found) == set(expected)
    for name, score in expected.items():
        assert numbers(found[name]) == pytest.approx(numbers(score), abs=1e-6), name
