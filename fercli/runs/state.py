"""The state of a run folder: finished, running, stopped, failed, or not begun."""

import fcntl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fercli.runs.folder import RunFolder

State = Literal["finished", "running", "stopped", "failed", "not begun"]
CONTINUES = "the same command continues"  # in the last message of a training that was asked to stop
TAIL_BYTES = 4096


@dataclass(frozen=True, slots=True)
class RunState:
    """The state of a run. A `stopped` run has a checkpoint to continue from; `detail` is a sentence for the user."""

    name: State
    detail: str = ""


def run_state(run: RunFolder) -> RunState:
    """Return the state of a run, from its folder and the log beside it.

    A training writes the error that ends it into its folder. The log of a study also has the errors before and after.

    The lock on its folder shows that a run is running; on another machine, only if the file system shares locks.
    """
    if run.finished:
        return RunState("finished")
    if is_locked(run):
        return RunState("running", "a process trains in it")
    if failure := _last_line(run.failure):
        return RunState("failed", failure)
    last_line = _last_line(run.path.with_suffix(".log"))
    if last_line and CONTINUES not in last_line and _is_error(last_line):
        return RunState("failed", last_line)
    if run.last.is_file():
        return RunState("stopped", f"the command that started it continues from {run.last}")
    return RunState("not begun", "it holds no checkpoint yet")


def is_locked(run: RunFolder) -> bool:
    """Return whether another process holds the lock. The test takes a shared lock and releases it at once."""
    try:
        with open(run.path / ".lock") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _last_line(log: Path) -> str:
    try:
        with open(log, "rb") as handle:
            handle.seek(0, 2)
            handle.seek(max(0, handle.tell() - TAIL_BYTES))
            lines = handle.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _is_error(line: str) -> bool:
    """Return whether a line is an error of fercli, or the last line of a traceback, for example `KeyError: 'image'`."""
    return line.startswith("error: ") or line.split(":")[0].split(".")[-1].endswith(("Error", "Exception"))
