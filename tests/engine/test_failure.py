"""Whatever ends a training is in its folder, and in the list of runs."""

import pytest
import pytorch_lightning as pl

from fercli.engine.failure import recording_failure
from fercli.engine.training import train
from fercli.errors import InterruptedRunError, RunError, StoppedRunError
from fercli.runs.folder import RunFolder
from fercli.runs.listing import list_runs
from fercli.runs.state import run_state

DIVERGED = "training has diverged; lower optimizer.lr"


@pytest.fixture
def run(tmp_path):
    """A run folder that a training has begun."""
    run = RunFolder(tmp_path / "dda_x" / "seed0")
    run.path.mkdir(parents=True)
    run.config.touch()
    return run


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("best", f"epoch 1: expected finite predictions, found NaN: {DIVERGED}"),
        ("last", f"epoch 1: the loss is not finite: {DIVERGED}"),
    ],
)
def test_a_training_that_diverges_in_its_first_epoch_has_failed_in_it(digits_config, tmp_path, selection, message):
    cfg = digits_config("trainer.max_epochs=2", "optimizer.lr=1e30", f"selection={selection}")
    with pytest.raises(RunError, match="training has diverged") as raised:
        train(cfg, [])
    assert str(raised.value) == message
    (entry,) = list_runs(tmp_path / "runs")
    assert (entry.state, entry.detail) == ("failed", message)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RunError("epoch 3: the loss is not finite"), "epoch 3: the loss is not finite"),
        (KeyError("image"), "KeyError: 'image'"),
        (MemoryError("two\nlines"), "MemoryError: two lines"),
    ],
)
def test_an_error_is_one_line_of_the_folder_whether_or_not_there_is_a_checkpoint(run, error, said):
    with pytest.raises(type(error)), recording_failure(run):
        raise error
    assert (run_state(run).name, run_state(run).detail) == ("failed", said)
    run.last.parent.mkdir()
    run.last.touch()
    assert run_state(run).name == "failed"


@pytest.mark.parametrize("kind", [StoppedRunError, InterruptedRunError, KeyboardInterrupt])
def test_a_training_that_is_asked_to_stop_has_not_failed(run, kind):
    with pytest.raises(kind), recording_failure(run):
        raise kind("stopped by SIGUSR1")
    assert run_state(run).name == "not begun"


def test_a_refusal_before_the_folder_is_a_run_leaves_nothing(run):
    run.config.unlink()
    with pytest.raises(RunError), recording_failure(run):
        raise RunError("no")
    assert not run.failure.exists()


class Fail(pl.Callback):
    """An error at the start of the second epoch."""

    def on_train_epoch_start(self, trainer, pl_module):
        if trainer.current_epoch == 1:
            raise RunError("no room")


def test_the_same_command_tries_again_and_forgets_the_failure(digits_config):
    cfg = digits_config("trainer.max_epochs=2")
    with pytest.raises(RunError, match="epoch 2: no room"):
        train(cfg, [], callbacks=[Fail()])
    run = train(cfg, [])
    assert run.finished
    assert not run.failure.exists()
