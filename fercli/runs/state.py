"""In what state a run folder is that holds no result: running, stopped, failed, or not begun."""

import fcntl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fercli.runs.folder import RunFolder

State = Literal["finished", "running", "stopped", "failed", "not begun"]
CONTINUES = "the same command continues"  # what a training says that was asked to stop
TAIL_BYTES = 4096


@dataclass(frozen=True, slots=True)
class RunState:
    """`stopped` has a checkpoint, and waits to be continued or requeued; `detail` is a sentence for people."""

    name: State
    detail: str = ""


def run_state(run: RunFolder) -> RunState:
    """The state of a run, from what its folder and the log beside it hold.

    A run is seen to be running by the lock on its folder: on another machine, only where the file system shares locks.
    """
    if run.finished:
        return RunState("finished")
    if _is_locked(run.path / ".lock"):
        return RunState("running", "a process trains in it")
    last_line = _last_line(run.path.with_suffix(".log"))
    if last_line and CONTINUES not in last_line and _is_error(last_line):
        return RunState("failed", last_line)
    if run.last.is_file():
        return RunState("stopped", f"the command that started it continues from {run.last}")
    return RunState("not begun", "it holds no checkpoint yet")


def _is_locked(path: Path) -> bool:
    """Whether another process holds the lock. A shared lock, let go at once, so that others may look as well."""
    try:
        with open(path) as handle:
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
    """Of a log that ends in one: ours, or the last line of a traceback, such as `KeyError: 'image'`."""
    return line.startswith("error: ") or line.split(":")[0].split(".")[-1].endswith(("Error", "Exception"))
