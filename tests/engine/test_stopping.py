"""A training that its own loss ends: the rule against a plain loop, and in trainings that are stopped and continued."""

import csv
import json
import math
import re

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.config import compose
from fercli.engine.stopping import FallingLoss
from fercli.engine.training import train
from fercli.errors import ConfigError, RunError
from tests.processes import run_fercli

pytestmark = pytest.mark.usefixtures("keep_checkpoints")
RULE = ["selection=training_loss", "selection.patience_steps=4"]
STUCK = ["optimizer.lr=1e-9", "trainer.max_epochs=9"]  # the noise of batches alone moves the loss


def stopped_by_loop(losses, patience, average):
    """The number of steps after which the training is over, by the definition; None where it is not."""
    means = [sum(losses[t - average + 1 : t + 1]) / average for t in range(average - 1, len(losses))]
    for t in range(len(means)):
        without_fall = 0
        for past in range(t, 0, -1):
            if means[past] < min(means[:past]):
                break
            without_fall += 1
        if without_fall >= patience:
            return t + average
    return None


def stopped_by_rule(losses, patience, average):
    rule = FallingLoss(patience, average)
    for t, loss in enumerate(losses):
        rule.add(loss)
        if rule.over:
            return t + 1
    return None


@given(st.lists(st.integers(0, 6).map(float), max_size=40), st.integers(1, 5), st.integers(1, 4))
def test_the_rule_is_that_of_a_plain_loop(losses, patience, average):
    assert stopped_by_rule(losses, patience, average) == stopped_by_loop(losses, patience, average)


def test_only_a_loss_below_the_lowest_one_has_fallen():
    assert stopped_by_rule([5, 3, 4, 3, 3.5], patience=3, average=1) == 5
    assert stopped_by_rule([5, 3, 4, 2.9, 3.5], patience=3, average=1) is None


def test_a_mean_of_steps_falls_where_single_losses_do_not():
    noisy = [math.exp(-t / 50) * (1 + 0.5 * (-1) ** (t // 4)) for t in range(100)]
    assert stopped_by_rule(noisy, patience=3, average=1) == 11
    assert stopped_by_rule(noisy, patience=3, average=8) is None


def test_a_loss_that_is_no_number_has_not_fallen():
    assert stopped_by_rule([1.0, math.nan, math.nan, math.nan], patience=3, average=1) == 4


class Losses(pl.Callback):
    """The loss of each batch, of the first process."""

    def __init__(self):
        self.seen = []

    def on_train_batch_end(self, trainer, pl_module, *args):
        self.seen.append(float(trainer.callback_metrics["train/loss"]))


class CrashError(Exception):
    """What a power cut is to a test."""


class CrashBefore(pl.Callback):
    """Die at the start of a batch, counted from 0 over the whole training."""

    def __init__(self, batch):
        self.batch = batch

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        if trainer.fit_loop.epoch_loop.batch_progress.total.processed == self.batch:
            raise CrashError


def outcome(run):
    """Everything that a run leaves behind, but its clock."""
    state = torch.load(run.last, weights_only=True)
    history = [{k: v for k, v in row.items() if k != "seconds"} for row in rows_of(run)]
    rule = next(value for name, value in state["callbacks"].items() if "StopByTrainingLoss" in name)
    weights = {name: value.numpy().tobytes() for name, value in state["state_dict"].items()}
    return weights, history, rule, (run.path / "predictions.parquet").read_bytes()


def rows_of(run):
    with open(run.path / "history.csv") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize("accumulate", [1, 2])
def test_a_training_stops_at_the_step_of_the_plain_loop(digits_config, accumulate, recwarn):
    losses = Losses()
    config = digits_config(*RULE, *STUCK, f"trainer.accumulate_grad_batches={accumulate}")
    run = train(config, [], [losses])
    (said,) = [str(one.message) for one in recwarn if str(one.message).startswith("training stops")]
    assert re.fullmatch(r"training stops at step .*: its loss has not fallen below .* for 4 steps", said)
    steps = int(rows_of(run)[-1]["step"])
    of_steps = np.reshape(losses.seen[: steps * accumulate], (steps, accumulate)).mean(1)  # 6 batches an epoch
    assert steps == stopped_by_loop(list(of_steps), 4, 1)
    assert len(losses.seen) == steps * accumulate
    assert json.loads(run.metrics.read_text())["steps"] == steps


def test_the_last_weights_are_kept_and_no_row_is_held_out(digits_config):
    run = train(digits_config(*RULE, *STUCK, "num_train_rows=null"), [])
    assert not run.best.exists()
    last, kept = (torch.load(path, weights_only=True)["state_dict"] for path in (run.last, run.weights))
    assert all(torch.equal(kept[name], value) for name, value in last.items())
    protocol = json.loads(run.metrics.read_text())["protocol"]
    assert protocol["num_train_rows"] == 300
    assert not any(name.startswith("val/") for name in rows_of(run)[0])


@pytest.fixture(scope="module")
def whole(keep_checkpoints, digits_config_at, tmp_path_factory):
    """What a training leaves behind that its loss stops within an epoch, when nothing else happens."""
    run = train(digits_config_at(tmp_path_factory.mktemp("whole"))(*RULE, *STUCK), [])
    assert int(rows_of(run)[-1]["step"]) % 6 != 0
    return outcome(run)


@pytest.mark.parametrize("batches_left", [1, 2, 3, 4])
def test_a_crash_changes_nothing_of_when_it_stops(digits_config, whole, batches_left):
    config = digits_config(*RULE, *STUCK, "trainer.checkpoint_every_minutes=0")
    with pytest.raises(CrashError):
        train(config, [], [CrashBefore(int(whole[1][-1]["step"]) - batches_left)])
    continued = train(digits_config(*RULE, *STUCK, "trainer.checkpoint_every_minutes=0"), [])
    assert outcome(continued) == whole


def test_a_signal_at_the_last_step_leaves_a_whole_epoch(digits_config, whole):
    import os
    import signal

    class Interrupt(pl.Callback):
        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
            if trainer.global_step == int(whole[1][-1]["step"]) - 1:
                os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(RunError, match="stopped by SIGTERM"):
        train(digits_config(*RULE, *STUCK), [], [Interrupt()])
    assert outcome(train(digits_config(*RULE, *STUCK), [])) == whole


def test_a_training_that_was_stopped_stays_stopped(digits_config, whole):
    run = train(digits_config(*RULE, *STUCK), [])
    run.metrics.unlink()  # as if it had been killed before the evaluation
    assert outcome(train(digits_config(*RULE, *STUCK), [], [CrashBefore(int(whole[1][-1]["step"]))])) == whole


def test_max_steps_end_a_training_within_an_epoch_and_it_stays_ended(digits_config):
    options = ["trainer.max_steps=8", "trainer.max_epochs=null", "selection=last"]
    run = train(digits_config(*options, "trainer.checkpoint_every_minutes=0"), [])
    assert [row["step"] for row in rows_of(run)] == ["6", "8"]
    run.metrics.unlink()
    train(digits_config(*options), [], [CrashBefore(8)])
    assert [row["step"] for row in rows_of(run)] == ["6", "8"]


def test_a_training_needs_an_end(digits_config):
    with pytest.raises(ConfigError, match=r"expected a number for trainer.max_epochs or trainer.max_steps, found none"):
        train(digits_config("trainer.max_epochs=null"), [])


@pytest.mark.parametrize("option", ["selection.patience_steps=0", "selection.average_steps=null"])
def test_options_of_the_rule_are_checked(digits_config, option):
    with pytest.raises(ConfigError, match="as a whole number, at least 1"):
        train(digits_config(*RULE, option), [])


def test_two_processes_stop_where_one_does(digits_overrides, tmp_path):
    options = ["selection=training_loss", "selection.patience_steps=5", *STUCK, "augment=none", "method=softmax"]
    options += ["trainer.batch_size=18"]
    others = [override for override in digits_overrides if not override.startswith(("method=", "loss.", "augment"))]
    arguments = [*others, *options, f"runs={tmp_path}/two", "trainer.devices=2", "trainer.strategy=ddp"]
    status, printed = run_fercli(tmp_path / "log", "train", *arguments)
    assert status == 0, printed
    assert printed.count("training stops at step") == 1
    (two,) = (tmp_path / "two").glob("*/seed0/metrics.json")
    one = train(compose("train", [*others, *options, f"runs={tmp_path}/one"]), [])
    assert json.loads(two.read_text())["steps"] == json.loads(one.metrics.read_text())["steps"]
