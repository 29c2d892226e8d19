"""Run the missing cells on this machine, each in a process of its own."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from fercli.launch.cell_process import Process, _variables, last_lines, start_cell, stop
from fercli.launch.devices import places
from fercli.launch.launcher import HandedOver
from fercli.launch.notify import check_command, notify
from fercli.launch.outline import of_this_machine
from fercli.launch.report import CellReport, Finished
from fercli.runs.state import run_state
from fercli.studies.cell import PlannedCell
from fercli.studies.grid import Plan

POLL_SECONDS = 0.1


Start = Callable[[PlannedCell, Mapping[str, str]], Process]


@dataclass(frozen=True)
class Local:
    """The launcher for this machine; `notify` is run once the cells have ended."""

    notify: Sequence[str] = ()

    def __post_init__(self) -> None:
        check_command(self.notify)

    def run_cells(self, plan: Plan, jobs: int | None, report: CellReport) -> None:
        """Run the missing cells, `jobs` at a time; None for as many as devices or CPU cores allow. See `launch`."""
        report.begun()
        missing = plan.missing
        environments = places(missing, jobs) if missing else []
        finished = launch(missing, len(environments), report.started, report.ended, environments=environments)
        try:
            report.ran(finished)
        finally:
            if self.notify and missing and (problem := notify(self.notify, plan)):
                report.not_notified(problem)

    def outline(self, plan: Plan, jobs: int | None) -> str:
        """Say how many cells run at a time."""
        return of_this_machine(jobs)

    def hand_over_store(
        self, words: Sequence[str], store: Path, num_parts: int, check: Callable[[], object]
    ) -> HandedOver | None:
        """Return None: the store is written on this machine."""
        return None


def launch(
    cells: Sequence[PlannedCell],
    jobs: int = 1,
    started: Callable[[PlannedCell], None] | None = None,
    ended: Callable[[Finished], None] | None = None,
    start: Start = start_cell,
    environments: Sequence[Mapping[str, str]] = (),
) -> list[Finished]:
    """Run cells, `jobs` at a time; a cell that fails does not stop the others.

    A classifier or an evaluation starts once its training has finished; if the training fails, it is not run.

    Ctrl-C and SIGTERM stop the running cells, which save a checkpoint, and then this process. The same command
    continues them.

    Args:
        cells: the cells to run.
        jobs: number of cells at a time.
        started: called as each cell starts.
        ended: called as each cell ends.
        start: starts the process of a cell.
        environments: variables for each of the `jobs` processes that run at a time.
    """
    waiting = list(cells)
    free = [dict(environment) for environment in environments] or [{} for _ in range(jobs)]
    running: dict[PlannedCell, tuple[Process, float, dict[str, str]]] = {}
    finished: list[Finished] = []
    with _terminated_as_interrupted():
        try:
            while running or any(cell.can_run for cell in waiting):
                while free and (ready := [cell for cell in waiting if cell.can_run]):
                    cell, environment = ready[0], free.pop(0)
                    waiting.remove(cell)
                    if run_state(cell.run).name == "running":  # its log belongs to the process that runs it
                        free.append(environment)
                        finished.append(Finished(cell, 0, 0.0, (), elsewhere=True))
                        if ended is not None:
                            ended(finished[-1])
                        continue
                    cell.log.parent.mkdir(parents=True, exist_ok=True)
                    cell.log.write_bytes(b"")
                    running[cell] = (start(cell, _variables(jobs, environment)), time.monotonic(), environment)
                    if started is not None:
                        started(cell)
                time.sleep(POLL_SECONDS)
                for cell, (process, since, environment) in list(running.items()):
                    if (status := process.exitcode) is None:
                        continue
                    del running[cell]
                    free.append(environment)
                    finished.append(Finished(cell, status, time.monotonic() - since, last_lines(cell.log)))
                    if ended is not None:
                        ended(finished[-1])
        finally:
            stop([process for process, *_ in running.values()])
    return finished


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    def interrupt(number: int, frame: FrameType | None) -> Any:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
