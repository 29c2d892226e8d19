"""Run the trials of searches with any launcher, in rounds: in each round, one seed of every trial that is under way.

A nested search has a search for each fold; a round has trials of all of them.

All decisions are made between rounds, in the order of the trials, and not in the order in which processes end. The same
command therefore makes the same trials, whether or not it was killed in between.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from fercli.errors import ConfigError, RunError
from fercli.launch.launcher import Launcher
from fercli.launch.report import CellReport
from fercli.launch.status import statuses
from fercli.runs.folder import RunFolder
from fercli.studies.cell import PlannedCell
from fercli.studies.grid import Plan
from fercli.studies.search import Search
from fercli.studies.trials import REMEDY, Trial, Trials

ENDED = ("done", "failed", "stopped", "to run")  # every other state is one of the queue, or running
SECONDS_BETWEEN_LOOKS = 5.0


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a search goes on: at most so many trials, and no new trial after so many hours, over all commands.

    Raises:
        ConfigError: neither is given, or one is not above 0.
    """

    trials: int | None = None
    hours: float | None = None

    def __post_init__(self) -> None:
        if self.trials is None and self.hours is None:
            raise ConfigError("a search needs a budget: --trials 20, or --hours 2, or both")
        if (self.trials is not None and self.trials < 1) or (self.hours is not None and not self.hours > 0):
            raise ConfigError("expected --trials of at least 1 and --hours above 0")

    def allows(self, trials: Trials, seconds: float) -> bool:
        """Return whether one more trial may begin.

        Args:
            seconds: time that was spent on the search so far.
        """
        if self.trials is not None and len(trials.all()) >= self.trials:
            return False
        return self.hours is None or seconds < 3600 * self.hours


class SearchReport(CellReport, Protocol):
    """What the search calls, besides what a launcher does."""

    @property
    def by_hand(self) -> bool:
        """Whether the launcher has written files that the user submits."""
        ...

    def told(self, search: Search, trials: Trials, trial: Trial) -> None:
        """A trial has a new value, or has ended."""
        ...


def run_search(
    searches: Sequence[tuple[Search, Trials]],
    launcher: Launcher,
    budget: Budget,
    report: SearchReport,
    jobs: int = 1,
    wait: Callable[[float], None] = time.sleep,
) -> bool:
    """Run trials until the budget is spent; go on with those that an earlier command has begun.

    A trial whose training fails ends as failed, and the search goes on.

    Args:
        searches: one, or one for each fold; the budget is that of each, and the hours are those of all together.
        jobs: number of trials of each search that are under way at a time, and of trainings that run at a time.
        wait: waits for some seconds.

    Returns:
        Whether all trials have ended. They have not if the launcher has only written files for a cluster.

    Raises:
        RunError: a run of a trial has another value than the search has noted, or a job was cancelled.
    """
    for search, trials in searches:
        check(search, trials)
    cells: dict[tuple[int | None, int], tuple[PlannedCell, ...]] = {}
    while True:
        began = time.monotonic()
        active = [(*one, trial) for one in searches for trial in _under_way(*one, budget, jobs)]
        if not active:
            return True
        current = []
        for search, trials, trial in active:
            key = search.fold, trial.number
            if key not in cells:
                cells[key] = search.cells(trial)
                places = {cell.seed: str(cell.run.path.relative_to(search.place)) for cell in cells[key]}
                trials.note_runs(trial, places)
            current.append(cells[key][len(trial.values)])
        try:
            run_round(searches[0][0].round(current), launcher, jobs, report, wait)
            if report.by_hand:
                return False
        finally:
            for _, trials in searches:
                trials.spend(time.monotonic() - began)
        for (search, trials, trial), cell in zip(active, current, strict=True):
            value = search.value(cell.run) if cell.run.finished else math.nan
            report.told(search, trials, trials.report(trial, value) if math.isfinite(value) else trials.fail(trial))


def _under_way(search: Search, trials: Trials, budget: Budget, jobs: int) -> list[Trial]:
    """Return the trials that are under way, with new ones as far as jobs and budget allow."""
    found = trials.of("unfinished")
    while len(found) < jobs and budget.allows(trials, trials.seconds):
        found.append(trials.ask(search.first))
    return found


def run_round(
    plan: Plan,
    launcher: Launcher,
    jobs: int | None,
    report: SearchReport,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Run the cells of a plan, and return once all have ended, also where a cluster runs them.

    Raises:
        RunError: a job was cancelled.
    """
    while any(one.state not in (*ENDED, "cancelled") for one in statuses(plan)):  # of a command that was killed
        wait(SECONDS_BETWEEN_LOOKS)
    if plan.missing:
        launcher.run_cells(plan, jobs, report)
    while not report.by_hand and _is_waiting(plan):
        wait(SECONDS_BETWEEN_LOOKS)


def check(search: Search, trials: Trials) -> None:
    """Compare the noted values of all trials with their runs, as far as these have not been deleted.

    Raises:
        RunError: a run has another value.
    """
    for trial in trials.all():
        for seed, value in trial.values.items():
            run = RunFolder(search.place / trial.runs[seed])
            if run.finished and search.value(run) != value:
                raise RunError(
                    f"{run.path} has the value {search.value(run):g}; the search has noted {value:g} for trial "
                    f"{trial.number}, seed {seed}; {REMEDY}"
                )


def _is_waiting(plan: Plan) -> bool:
    """Return whether a cell is in a queue or running.

    Raises:
        RunError: a job was cancelled.
    """
    found = statuses(plan)
    if cancelled := [one.cell for one in found if one.state == "cancelled"]:
        raise RunError(
            f"the job of {cancelled[0].label}, seed {cancelled[0].seed}, was cancelled; the same command runs it again"
        )
    return any(one.state not in ENDED for one in found)
