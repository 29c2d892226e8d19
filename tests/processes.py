"""What tests ask of processes."""

import time
from pathlib import Path


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
