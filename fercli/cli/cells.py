"""The cells of a study on the screen: the plan, failures, results."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fercli.cli.printing import print_json, say, tell
from fercli.errors import printable

if TYPE_CHECKING:
    from fercli.launch.report import Finished
    from fercli.launch.status import CellStatus
    from fercli.studies.aggregate import Results
    from fercli.studies.grid import Plan
    from fercli.tables.table import Table


def print_plan(plan: "Plan", launch: str, json: bool, timed: bool = False, brief: bool = False) -> None:
    """Print which cells would run, where, their cost and their folders.

    Args:
        timed: measure steps of each training.
        brief: say it in one line, as one of many studies.
    """
    from dataclasses import asdict

    from fercli.cli.cost import in_words, progress_in_words, timings
    from fercli.studies.cost import cost
    from fercli.studies.near import near_of_plan
    from fercli.tables.twins import together_in_words

    found = cost(plan, timings(plan) if timed else None)
    if json:
        from fercli.pages.study import plan_document

        print_json(plan_document(plan) | {"cost": asdict(found), "launch": launch})
        return
    study, progress = plan.study, progress_in_words(found, len(plan.trainings), plan.fits)
    if brief:
        known = f"; {in_words(plan, found)}" if found.seconds is not None else ""
        tell(f"{study.name} on {plan.data}: {progress}{known}")
        return
    seeds = sorted({cell.seed for cell in plan.cells})
    folds = f" x {most} folds" if (most := max((cell.fold or 0) for cell in plan.cells)) else ""
    tell(f"study    {study.name}: {study.title} ({study.source}, {study.table})")
    tell(f"data     {plan.data}{f', where the source used {plan.data_of_source}' if plan.data_of_source else ''}")
    planned = f"{len(study.trained)} row{'s'[: len(study.trained) != 1]} x {len(seeds)} seed{'s'[: len(seeds) != 1]}"
    tell(f"planned  {planned}{folds} = {len(plan.cells)}; {progress}")
    for data, near in near_of_plan(plan).items():
        tell(f"twins    {data}: {together_in_words(asdict(near))}")
    tell(f"cost     {in_words(plan, found)}")
    tell(f"launch   {launch}")
    tell(f"tables   {plan.folder}")
    width = max(len(cell.label) for cell in plan.cells)
    for cell in plan.cells:
        state = "done" if cell.finished else "run" if cell.is_training else "fit" if cell.classifier else "eval"
        tell(f"{state:<5}{cell.label:<{width}}  {cell.part}  {cell.result.path}")


def print_results(results: "Results", page: Path, json: bool, more: Mapping[str, Any] | None = None) -> None:
    """Print the tables, and last the path of the page that shows them; as JSON, with the keys of `more`."""
    from fercli.pages.study import document, printed

    if json:
        print_json(document(results) | dict(more or {}) | {"report": str(page)})
        return
    for table in printed(results):
        print_table(table)
    print(page)


def print_table(table: "Table") -> None:
    """Print a table and an empty line."""
    from fercli.cli.console import Console
    from fercli.tables.terminal import TerminalTable

    Console().print(TerminalTable(table))
    print()


def print_index(runs: Path, lacking: Mapping[str, str], json: bool) -> None:
    """Write the page with links to all studies, and print its path."""
    from fercli.pages.index import write_index

    page = write_index(runs, lacking)
    print_json({"index": str(page)}) if json else print(page)


def print_failed(failed: "Sequence[Finished | CellStatus]") -> None:
    """Print failed cells, each with the end of its log and its own command."""
    for finished in failed:
        cell = finished.cell
        say(f"\nfailed: {cell.label}, {cell.part}")
        for line in finished.last_lines:
            say(f"  | {line}")
        say(f"  whole log: {finished.log}\n  to run it again:\n  {cell.command}")


def print_without_result(state: str, reasons: Mapping[str, str]) -> None:
    """Print the studies that were not run, or stopped, each with its reason; those of one reason together."""
    for reason in dict.fromkeys(reasons.values()):
        names = [name for name, why in reasons.items() if why == reason]
        say(f"\n{state}: {', '.join(names)}\n  {printable(reason)}")
