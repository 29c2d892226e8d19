"""A training that was stopped anywhere ends exactly where it would have ended."""

import csv
import random
import time
from unittest.mock import Mock

import pytest
import pytorch_lightning as pl
import torch

from fercli.engine.training import fit, train
from fercli.errors import RunError
from fercli.runs.folder import RunFolder
from tests.processes import start_fercli

pytestmark = pytest.mark.usefixtures("keep_checkpoints")
STEPS_PER_EPOCH = 6  # 90 digits to train on, batches of 15


class CrashError(Exception):
    """What a power cut is to a test."""


class CrashBefore(pl.Callback):
    """Die at the start of a step, counted from 0 over the whole training."""

    def __init__(self, step):
        self.step = step

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        if trainer.fit_loop.epoch_loop.batch_progress.total.processed == self.step:
            raise CrashError


class CrashInValidation(pl.Callback):
    def on_validation_epoch_end(self, trainer, pl_module):
        if trainer.current_epoch == 1:
            raise CrashError


def outcome(run):
    """Everything that a run leaves behind, but its clock."""
    state = torch.load(run.last, weights_only=True)
    with open(run.path / "history.csv") as handle:
        history = [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(handle)]
    weights = {name: value.clone() for name, value in state["state_dict"].items()}
    momenta = state["optimizer_states"][0]["state"]
    return weights, momenta, history, (run.path / "predictions.parquet").read_bytes()


def assert_same(found, expected):
    for name, value in expected[0].items():
        assert torch.equal(found[0][name], value), name
    for index, state in expected[1].items():
        assert torch.equal(found[1][index]["momentum_buffer"], state["momentum_buffer"]), index
    assert found[2] == expected[2]
    assert found[3] == expected[3]


@pytest.fixture(scope="module")
def whole(keep_checkpoints, digits_config_at, tmp_path_factory):
    """What the short training leaves behind when nothing happens."""
    return outcome(train(digits_config_at(tmp_path_factory.mktemp("whole"))(), []))


@pytest.mark.parametrize("step", [1, STEPS_PER_EPOCH - 1, STEPS_PER_EPOCH, STEPS_PER_EPOCH + 2])
def test_a_crash_between_steps_changes_nothing(digits_config, whole, step):
    config = digits_config("trainer.checkpoint_every_minutes=0")
    with pytest.raises(CrashError):
        train(config, [], [CrashBefore(step)])
    continued = train(digits_config("trainer.checkpoint_every_minutes=0"), [])
    assert_same(outcome(continued), whole)


def test_a_crash_that_loses_steps_repeats_them(digits_config, whole):
    with pytest.raises(CrashError):  # checkpoints at the end of epochs only: steps 6 to 9 are lost
        train(digits_config(), [], [CrashBefore(STEPS_PER_EPOCH + 4)])
    assert_same(outcome(train(digits_config(), [])), whole)


def test_a_crash_in_validation_changes_nothing(digits_config, whole):
    with pytest.raises(CrashError):
        train(digits_config("trainer.checkpoint_every_minutes=0"), [], [CrashInValidation()])
    assert_same(outcome(train(digits_config(), [])), whole)


@pytest.mark.parametrize("option", ["selection=best", "selection=last", "trainer.ema_decay=0.9"])
def test_the_weights_that_are_kept_are_those_of_the_chosen_epoch(digits_config, option):
    run = train(digits_config(option), [])
    chosen = torch.load(run.last if option == "selection=last" else run.best, weights_only=True)["state_dict"]
    kept = torch.load(run.weights, weights_only=True)["state_dict"]
    assert set(kept) == set(chosen)
    assert all(torch.equal(kept[name], value) for name, value in chosen.items())


@pytest.mark.parametrize("option", ["trainer.ema_decay=0.9", "trainer.accumulate_grad_batches=2", "selection=last"])
def test_options_continue_as_well(digits_config, tmp_path, option):
    whole = train(digits_config(f"runs={tmp_path}/whole", option), [])
    config = digits_config("trainer.checkpoint_every_minutes=0", option)
    with pytest.raises(CrashError):
        train(config, [], [CrashBefore(STEPS_PER_EPOCH + 3)])
    assert_same(outcome(train(digits_config("trainer.checkpoint_every_minutes=0", option), [])), outcome(whole))


@pytest.mark.parametrize(("name", "status"), [("SIGTERM", 2), ("SIGINT", 130)])
def test_a_signal_saves_and_stops(digits_config, whole, name, status):
    import os
    import signal

    class Interrupt(pl.Callback):
        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
            if trainer.global_step == 3:
                os.kill(os.getpid(), signal.Signals[name])

    with pytest.raises(RunError, match=f"stopped by {name}; the same command continues") as stopped:
        train(digits_config(), [], [Interrupt()])
    assert stopped.value.status == status
    assert_same(outcome(train(digits_config(), [])), whole)


def test_patience_ends_a_training_and_keeps_it_ended(digits_config):
    config = digits_config("trainer.max_epochs=9", "selection.patience=2", "optimizer.lr=1e-9")
    run = train(config, [])
    with open(run.path / "history.csv") as handle:
        epochs = len(list(csv.DictReader(handle)))
    assert epochs == 3  # the first is the best, and two do not improve on it
    run.metrics.unlink()  # as if it had been killed before the evaluation
    train(digits_config("trainer.max_epochs=9", "selection.patience=2", "optimizer.lr=1e-9"), [])
    with open(run.path / "history.csv") as handle:
        assert len(list(csv.DictReader(handle))) == epochs


def test_a_finished_run_is_not_trained_again(digits_config):
    run = train(digits_config(), [])
    before = run.metrics.stat().st_mtime_ns
    assert train(digits_config(), [], [CrashBefore(0)]) == run
    assert run.metrics.stat().st_mtime_ns == before


def test_resume_never_begins_anew(digits_config):
    with pytest.raises(CrashError):
        train(digits_config("trainer.checkpoint_every_minutes=0"), [], [CrashBefore(3)])

    class FirstStep(pl.Callback):
        seen = None

        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
            self.seen = trainer.global_step if self.seen is None else self.seen

    first = FirstStep()
    train(digits_config("trainer.checkpoint_every_minutes=0"), [], [first], resume=False)
    assert first.seen == 0


def test_two_processes_may_not_share_a_run_folder(digits_config):
    config = digits_config()
    run = train(config, [])
    run.metrics.unlink()
    with run.lock(), pytest.raises(RunError, match="another process is training"):
        train(digits_config(), [])


def test_killed_at_any_moment(whole, digits_overrides, digits_config, tmp_path):
    """SIGKILL leaves no time for anything: twice at moments that nobody chose, then the training is let go."""
    often = "trainer.checkpoint_every_minutes=0"  # after every step
    for _ in range(2):
        before = written(tmp_path)
        killed = start_fercli(tmp_path / "log", "train", *digits_overrides, f"runs={tmp_path}/runs", often)
        while killed.exitcode is None and written(tmp_path) == before:
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.05))  # a step or two
        killed.kill()
        killed.join()
    assert not list(tmp_path.rglob("metrics.json")), "it was faster than its killer"
    run = train(digits_config(often), [])
    assert_same(outcome(run), whole)


def written(folder):
    """When the last checkpoint was written; None before the first."""
    return next((path.stat().st_mtime_ns for path in folder.rglob("last.ckpt")), None)


@pytest.mark.parametrize("resume", [True, False])
def test_a_training_begun_anew_ignores_a_checkpoint_that_is_about_to_be_removed(tmp_path, resume):
    """The main process removes it; another may look for it before."""
    run = RunFolder(tmp_path)
    run.last.parent.mkdir()
    run.last.touch()
    trainer = Mock(interrupted=False)
    fit(trainer, None, None, run, resume)
    assert trainer.fit.call_args.kwargs["ckpt_path"] == (str(run.last) if resume else None)
