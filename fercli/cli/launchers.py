"""How `fercli ablate` runs the missing cells of one study with each launcher, and follows submitted cells."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fercli.launch.local import Finished
    from fercli.launch.status import CellStatus
    from fercli.studies.grid import Plan

FAILED = "failed"


def run(plan: "Plan", launcher: Any, jobs: int | None, command: str, json: bool) -> "list[Finished]":
    """Run the missing cells and print the tables, or submit them and return at once. Return the failed cells.

    Args:
        launcher: the launcher that `launcher=` names.
        command: the command for this study, to which --status, --collect or --cancel is added.
    """
    from fercli.launch.local import Local
    from fercli.launch.script import Script
    from fercli.launch.status import waiting

    if isinstance(launcher, Local):
        return _run_here(plan, launcher, jobs, json)
    from fercli.cli.queue import print_submitted, print_written

    if isinstance(launcher, Script):
        print_written(plan, *launcher.write(plan, jobs), command, json)
        return []
    queued = waiting(plan)
    cells = [cell for cell in plan.missing if str(cell.result.path) not in queued]
    submitted = launcher.submit(plan, cells, jobs, queued.values())
    print_submitted(plan, submitted, len(plan.missing) - len(cells), command, json)
    return []


def status(plan: "Plan", json: bool) -> "list[CellStatus]":
    """Print the state of each cell; return the failed cells."""
    from fercli.cli.queue import print_status
    from fercli.launch.status import statuses

    found = statuses(plan)
    print_status(plan, found, json)
    return [cell for cell in found if cell.state == FAILED]


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


def _run_here(plan: "Plan", launcher: Any, jobs: int | None, json: bool) -> "list[Finished]":
    from fercli.cli.cells import CellProgress

    progress = CellProgress(plan)
    finished: list[Finished] = launcher.launch(plan.missing, jobs, progress.started, progress.ended)
    _print_tables(plan, json)
    return [cell for cell in finished if cell.failed]


def _print_tables(plan: "Plan", json: bool) -> None:
    from fercli.cli.cells import print_results
    from fercli.pages.study import write_report
    from fercli.studies.aggregate import read_results

    results = read_results(plan)
    print_results(results, write_report(results), json)
