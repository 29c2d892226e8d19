"""How every Python process of fercli is started: never with the working folder among the places to import from."""

import ctypes
import os
import signal
import sys

PARENT = "FERCLI_PARENT"  # the process with which a child ends
SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl
SAFE_PATH = ("PYTHONSAFEPATH", "1")


def python(*arguments: str) -> list[str]:
    """The command of a Python process.

    `-P` keeps the working folder out of `sys.path`. Otherwise a file `hydra.py` that came with somebody's data would be
    run in place of the library, in the folder where the user types a command.

    Args:
        arguments: of Python, such as `-m`, `fercli`, `train`.
    """
    return [sys.executable, "-P", *arguments]


def ends_with_this_process() -> dict[str, str]:
    """Variables for a child that must not go on alone, also where this process is killed and can tell it nothing."""
    return {PARENT: str(os.getpid())}


def end_with_parent() -> None:
    """Ask the system for SIGTERM as soon as the parent ends, if it gave `ends_with_this_process`: Linux alone."""
    parent = os.environ.pop(PARENT, None)  # not for the children of this process
    if parent is None or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(SET_DEATH_SIGNAL, signal.SIGTERM)
    if str(os.getppid()) != parent:  # it ended before this line
        raise SystemExit(128 + signal.SIGTERM)


def protect_children() -> None:
    """Keep the working folder out of `sys.path` of processes that libraries start, such as those of further devices."""
    os.environ.setdefault(*SAFE_PATH)
