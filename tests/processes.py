"""What tests ask of processes."""

import os
import time
from pathlib import Path

from fercli.launch import warm


def run_fercli(log, *arguments):
    """Run a command of fercli as the launcher does: its exit status, and what it printed into the new file `log`."""
    process = start_fercli(log, *arguments)
    process.join()
    return process.exitcode, log.read_text()


def start_fercli(log, *arguments):
    """Start a command of fercli as the launcher does: a process that forks from one with the libraries loaded."""
    log.write_text("")
    return warm.start([str(argument) for argument in arguments], log, os.environ)


def runs(process):
    """Whether a process lives; one that ended may stay in the list until somebody asks for its status. Linux only."""
    state = Path(f"/proc/{process}/stat")
    return state.exists() and state.read_text().split()[2] != "Z"


def wait_until(condition, seconds=120):
    """Wait for what comes soon, and fail when it does not."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
