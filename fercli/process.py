"""Start of every Python process of fercli: never with the working folder among the places to import from."""

import ctypes
import os
import signal
import sys

PARENT = "FERCLI_PARENT"  # variable that names the process whose end also ends the child
SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl
SAFE_PATH = ("PYTHONSAFEPATH", "1")


def python(*arguments: str) -> list[str]:
    """Return the command of a Python process.

    `-P` keeps the working folder out of `sys.path`. Otherwise Python would import a file `hydra.py` that came with
    somebody's data, instead of the library, if it lies where the user types a command.

    Args:
        arguments: of Python, such as `-m`, `fercli`, `train`.
    """
    return [sys.executable, "-P", *arguments]


def ends_with_this_process() -> dict[str, str]:
    """Return environment variables for a child that must end with this process, even if this process is killed."""
    return {PARENT: str(os.getpid())}


def end_with_parent() -> None:
    """Ask the system for SIGTERM when the parent ends, if the parent set `ends_with_this_process`. Linux only."""
    parent = os.environ.pop(PARENT, None)  # the children of this process must not inherit it
    if parent is None or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(SET_DEATH_SIGNAL, signal.SIGTERM)
    if str(os.getppid()) != parent:  # it ended before this line
        raise SystemExit(128 + signal.SIGTERM)


def protect_children() -> None:
    """Keep the working folder out of `sys.path` in processes that libraries start, such as one per further GPU."""
    os.environ.setdefault(*SAFE_PATH)
