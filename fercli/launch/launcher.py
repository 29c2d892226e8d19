"""What a launcher offers to the commands, and what it reports back: no command asks for the class of a launcher."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fercli.launch.record import Submitted
from fercli.studies.cell import PlannedCell
from fercli.studies.grid import Plan


@dataclass(frozen=True, slots=True)
class Finished:
    """How one cell ended, and the last lines of its log."""

    cell: PlannedCell
    status: int
    seconds: float
    last_lines: tuple[str, ...]
    elsewhere: bool = False  # another command runs it at this moment

    @property
    def failed(self) -> bool:
        """Whether the numbers of the cell are missing, and no other command is computing them."""
        return not self.elsewhere and (self.status != 0 or not self.cell.finished)

    @property
    def log(self) -> Path:
        """The whole log."""
        return self.cell.log


class CellReport(Protocol):
    """What a launcher calls while it runs, writes or submits the missing cells of a study."""

    def begun(self) -> None:
        """Cells are about to run on this machine."""
        ...

    def started(self, cell: PlannedCell) -> None:
        """A cell starts on this machine."""
        ...

    def ended(self, finished: Finished) -> None:
        """A cell has ended on this machine."""
        ...

    def ran(self, finished: Sequence[Finished]) -> None:
        """All cells have ended on this machine."""
        ...

    def not_notified(self, problem: str) -> None:
        """The command of `launcher.notify` has failed."""
        ...

    def written(self, paths: Sequence[Path], steps: Sequence[str]) -> None:
        """Files for the cluster were written; the shell commands `steps` submit them in the right order."""
        ...

    def submitted(self, entries: Sequence[Submitted], num_queued: int) -> None:
        """Cells were submitted to a cluster; `num_queued` other missing cells were in its queue already."""
        ...


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How a cluster writes a store.

    Attributes:
        parts: id of the array of jobs that write the shards, or the file to submit.
        last: id of the job that completes the store, or the file to submit.
        next_step: what the user does next.
    """

    parts: str
    last: str
    next_step: str


class Launcher(Protocol):
    """Where the cells of a study run, and where a store is written; each yaml in `conf/launcher` names one."""

    def run_cells(self, plan: Plan, jobs: int | None, report: CellReport) -> None:
        """Run the missing cells of a study, or hand them over to a cluster.

        Args:
            plan: the plan of the study.
            jobs: the largest number of cells that run at a time; None for as many as fit.
            report: is told what happens.

        Raises:
            ConfigError: the overrides of the study do not fit the cluster.
            RunError: the cluster does not answer, or refuses.
        """
        ...

    def outline(self, plan: Plan, jobs: int | None) -> str:
        """Say where the missing cells of a study would run, and what each asks for; nothing is handed over.

        Raises:
            ConfigError: the overrides of the study do not fit the cluster.
        """
        ...

    def hand_over_store(
        self, words: Sequence[str], store: Path, num_parts: int, check: Callable[[], object]
    ) -> HandedOver | None:
        """Hand the preprocessing of a data set over to a cluster; return None if it runs on this machine.

        Args:
            words: arguments of `fercli preprocess`, without the launcher.
            store: folder of the store.
            num_parts: number of jobs that write shards.
            check: is called before anything is handed over, and raises an error for wrong options.

        Raises:
            RunError: the cluster does not answer, or refuses.
        """
        ...
