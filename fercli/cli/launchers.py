"""How `fercli ablate` runs the missing cells of one study with any launcher, and follows submitted cells."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fercli.cli.cell_progress import CellProgress
from fercli.cli.printing import say
from fercli.errors import printable

if TYPE_CHECKING:
    from fercli.launch.launcher import Launcher
    from fercli.launch.record import Submitted
    from fercli.launch.report import Finished
    from fercli.launch.status import CellStatus
    from fercli.studies.grid import Plan

FAILED = "failed"


def run(plan: "Plan", launcher: "Launcher", jobs: int | None, command: str, json: bool) -> "list[Finished]":
    """Run the missing cells and print the tables, or hand the cells over and return at once. Return the failed cells.

    Args:
        launcher: the launcher that `launcher=` names.
        command: the command for this study, to which --status, --collect or --cancel is added.
    """
    report = PrintedReport(plan, command, json)
    launcher.run_cells(plan, jobs, report)
    return report.failed


class PrintedReport(CellProgress):
    """Print what a launcher does with the missing cells of a study; see `fercli.launch.report.CellReport`."""

    def __init__(self, plan: "Plan", command: str, json: bool):
        super().__init__(plan)
        self.command = command
        self.json = json
        self.failed: list[Finished] = []

    def ran(self, finished: "Sequence[Finished]") -> None:
        """Print the tables, and keep the failed cells."""
        self.failed = [cell for cell in finished if cell.failed]
        _print_tables(self.plan, self.json)

    def not_notified(self, problem: str) -> None:
        """Print why nobody was told; the study itself is not touched by it."""
        say(f"note: launcher.notify failed: {printable(problem)}")

    def written(self, paths: Sequence[Path], steps: Sequence[str]) -> None:
        """Print the files, and the commands to submit them."""
        from fercli.cli.queue import print_written

        print_written(self.plan, paths, steps, self.command, self.json)

    def submitted(self, entries: "Sequence[Submitted]", num_queued: int) -> None:
        """Print the jobs, and how to follow them."""
        from fercli.cli.queue import print_submitted

        print_submitted(self.plan, entries, num_queued, self.command, self.json)


def status(plan: "Plan", json: bool) -> "list[CellStatus]":
    """Print the state of each cell; return the failed cells."""
    from fercli.cli.queue import print_status
    from fercli.launch.status import statuses

    found = statuses(plan)
    print_status(plan, found, json)
    return [cell for cell in found if cell.state == FAILED]


def watch(plan: "Plan", every: float) -> "list[CellStatus]":
    """Follow the state of each cell until all have ended; return the failed cells."""
    from fercli.cli.watch import follow
    from fercli.launch.status import statuses

    return [cell for cell in follow(plan, lambda: statuses(plan), every) if cell.state == FAILED]


def collect(plan: "Plan", json: bool) -> "list[CellStatus]":
    """Print the tables of the finished cells; return the failed cells."""
    from fercli.cli.queue import print_unfinished
    from fercli.launch.status import statuses

    _print_tables(plan, json)
    found = statuses(plan)
    print_unfinished(found)
    return [cell for cell in found if cell.state == FAILED]


def cancel(plan: "Plan", json: bool) -> None:
    """Cancel the jobs of a study."""
    from fercli.cli.queue import print_cancelled
    from fercli.launch.status import cancel_all

    print_cancelled(plan, cancel_all(plan), json)


def _print_tables(plan: "Plan", json: bool) -> None:
    from fercli.cli.bars import drawing
    from fercli.cli.cells import print_results
    from fercli.pages.study import write_report
    from fercli.studies.aggregate import read_results

    results = read_results(plan)
    with drawing() as progress:
        page = write_report(results, progress=progress)
    print_results(results, page, json)
