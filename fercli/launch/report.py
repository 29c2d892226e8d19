"""What a launcher reports back while it runs, writes or submits the cells of a study."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fercli.launch.record import Submitted
from fercli.studies.cell import PlannedCell


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
