"""How long the missing trainings of a plan will take, from finished trainings or from a few timed steps."""

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from fercli.errors import RunError
from fercli.process import python
from fercli.runs.folder import RunFolder
from fercli.runs.state import run_state
from fercli.studies.cell import PlannedCell
from fercli.studies.grid import Plan

ABOUT = 30  # seconds to time one training, mostly to start it


@dataclass(frozen=True, slots=True)
class Cost:
    """What has finished, and how long the rest takes: one training at a time, on hardware as fast as in the timings.

    Attributes:
        num_finished: cells that have finished.
        num_begun: cells that run, or have a checkpoint to continue from; `seconds` counts their full time.
        measured: missing trainings that are assumed to take as long as finished seeds of the same row.
        timed: missing trainings with a few timed steps.
        guessed: missing trainings that are assumed to take as long as the finished ones of other rows.
        unknown: missing trainings of unknown length; they add nothing to `seconds`.
        seconds: of all missing trainings; None if the length of none is known.
    """

    num_finished: int
    num_begun: int
    measured: int
    timed: int
    guessed: int
    unknown: int
    seconds: float | None


def cost(plan: Plan, timings: Mapping[Path, float] | None = None) -> Cost:
    """Return the cost of the missing cells.

    Args:
        timings: seconds of a training by the folder of its experiment, from `time_cells`.
    """
    finished = {cell.run.path: spent for cell in plan.cells if (spent := _seconds(cell.run)) is not None}
    took: dict[Path, list[float]] = {}
    for path, seconds in finished.items():
        took.setdefault(path.parent, []).append(seconds)
    timings = timings or {}
    missing = plan.trainings
    kinds = {"measured": 0, "timed": 0, "guessed": 0, "unknown": 0}
    total = 0.0
    for cell in missing:
        experiment = cell.run.path.parent
        if experiment in took:
            kind, seconds = "measured", mean(took[experiment])
        elif experiment in timings:
            kind, seconds = "timed", timings[experiment]
        elif finished:
            kind, seconds = "guessed", mean(finished.values())
        else:
            kind, seconds = "unknown", 0.0
        kinds[kind] += 1
        total += seconds
    begun = sum(run_state(cell.run).name in ("running", "stopped") for cell in missing)
    known = len(missing) > kinds["unknown"] or not missing
    num_finished = sum(cell.finished for cell in plan.cells)
    return Cost(num_finished, begun, **kinds, seconds=total if known else None)


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


def _seconds(run: RunFolder) -> float | None:
    try:
        return float(run.read_metrics()["seconds"])
    except (OSError, RunError, ValueError, KeyError, TypeError):
        return None
