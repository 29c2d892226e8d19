"""How long the missing trainings of a plan will take, from finished trainings and from timed steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from fercli.errors import RunError
from fercli.runs.folder import RunFolder
from fercli.runs.state import run_state
from fercli.studies.grid import Plan


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


def _seconds(run: RunFolder) -> float | None:
    try:
        return float(run.read_metrics()["seconds"])
    except (OSError, RunError, ValueError, KeyError, TypeError):
        return None
