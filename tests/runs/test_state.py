import threading
import time

import pytest

from fercli.runs.folder import RunFolder
from fercli.runs.state import run_state


@pytest.fixture
def run(tmp_path):
    """A run folder with a checkpoint."""
    run = RunFolder(tmp_path / "dda_x" / "seed0")
    run.last.parent.mkdir(parents=True)
    run.last.touch()
    return run


def log(run, text):
    run.path.with_suffix(".log").write_text(text)


def test_a_run_with_its_metrics_is_finished_whatever_its_log_says(run):
    run.metrics.touch()
    log(run, "error: late")
    assert run_state(run).name == "finished"


def test_a_run_is_running_while_a_process_holds_it(run):
    log(run, "error: of an earlier try")
    with run.lock():
        assert run_state(run).name == "running"
    assert run_state(run).name == "failed"


@pytest.mark.parametrize(
    "end",
    [
        "epoch 3",
        "error: stopped by SIGUSR1; the same command continues from runs/a/seed0/checkpoints/last.ckpt\n",
        "slurmstepd: error: *** JOB 12 ON n1 CANCELLED DUE TO PREEMPTION ***",
        "Warning: slow disk",
    ],
)
def test_a_checkpoint_waits_to_be_continued(run, end):
    log(run, f"epoch 2\n{end}\n")
    state = run_state(run)
    assert state.name == "stopped"
    assert str(run.last) in state.detail


@pytest.mark.parametrize(
    "end",
    [
        "error: expected finite predictions, found NaN",
        "KeyError: 'image'",
        "torch.OutOfMemoryError: CUDA out of memory",
    ],
)
def test_a_log_that_ends_in_an_error_has_failed_with_it(run, end):
    log(run, f"Traceback (most recent call last):\n{end}\n\n")
    state = run_state(run)
    assert (state.name, state.detail) == ("failed", end)


def test_without_a_checkpoint_nothing_has_begun(run, tmp_path):
    run.last.unlink()
    assert run_state(run).name == "not begun"
    assert run_state(RunFolder(tmp_path / "nowhere" / "seed0")).name == "not begun"


def test_looking_does_not_keep_a_training_from_starting(run):
    """The lock that the look holds for an instant is waited for."""
    import fcntl

    (run.path / ".lock").touch()
    with open(run.path / ".lock") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        release = threading.Timer(0.05, lambda: fcntl.flock(handle, fcntl.LOCK_UN))
        release.start()
        begin = time.monotonic()
        with run.lock():
            assert time.monotonic() - begin < 2
        release.join()
