"""Time a few steps of the trainings of a study whose length is not known."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from fercli.errors import RunError
from fercli.process import python
from fercli.studies.cell import PlannedCell
from fercli.studies.grid import Plan

ABOUT = 30  # seconds to time one training, mostly to start it


def cells_to_time(plan: Plan) -> list[PlannedCell]:
    """Return one missing cell of each training without a finished seed."""
    known = {cell.run.path.parent for cell in plan.cells if cell.run.finished}
    first: dict[Path, PlannedCell] = {}
    for cell in plan.trainings:
        if cell.run.path.parent not in known:
            first.setdefault(cell.run.path.parent, cell)
    return list(first.values())


def time_cells(cells: list[PlannedCell], started: Callable[[PlannedCell], None] | None = None) -> dict[Path, float]:
    """Time a few steps of each training, one after the other in clean processes; return seconds by experiment folder.

    Raises:
        RunError: a training does not start.
    """
    timings = {}
    for cell in cells:
        if started is not None:
            started(cell)
        begin = time.monotonic()
        command = python("-m", "fercli.studies.timing", *cell.arguments[1:])
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise RunError(f"'{cell.label}' does not start: {last}; the whole message: {cell.command}")
        found = json.loads(done.stdout.splitlines()[-1])
        start = max(0.0, time.monotonic() - begin - found["spent"])
        timings[cell.run.path.parent] = start + found["training"] + found["evaluation"]
    return timings
