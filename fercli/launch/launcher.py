"""What a launcher offers to the commands: no command asks for the class of a launcher."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fercli.launch.report import CellReport
from fercli.studies.grid import Plan


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
