"""One cell in a process of its own, and the last lines of its log."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from fercli.launch import warm
from fercli.launch.devices import num_cores
from fercli.studies.cell import PlannedCell

NUM_LAST_LINES = 5


class Process(Protocol):
    """A process that runs a cell."""

    @property
    def exitcode(self) -> int | None:
        """None while it runs; minus the number of the signal that killed it."""
        ...

    def terminate(self) -> None:
        """Ask it to save and stop."""
        ...

    def join(self) -> None:
        """Wait for its end."""
        ...


def start_cell(cell: PlannedCell, environment: Mapping[str, str]) -> Process:
    """Start the process that runs a cell, with these variables; it prints into the log of the cell."""
    return warm.start([*cell.arguments, "--json"], cell.log, environment)


def last_lines(log: Path) -> tuple[str, ...]:
    """Return the last lines of a log, without empty lines; nothing without a log."""
    if not log.is_file():
        return ()
    lines = log.read_text(errors="replace").splitlines()
    return tuple(line for line in lines if line.strip())[-NUM_LAST_LINES:]


def _variables(jobs: int, variables: Mapping[str, str]) -> dict[str, str]:
    environment = os.environ | variables
    if jobs > 1:
        environment.setdefault("OMP_NUM_THREADS", str(max(1, num_cores() // jobs)))
    return environment


def stop(processes: Sequence[Process]) -> None:
    """Ask processes to end, and wait until they have."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.join()
