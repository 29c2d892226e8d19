"""The cells of a study on the screen: the plan, progress, failures, results."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fercli.cli.printing import counted, duration, print_json, say, tell
from fercli.errors import printable

if TYPE_CHECKING:
    from fercli.launch.report import Finished
    from fercli.launch.status import CellStatus
    from fercli.studies.aggregate import Results
    from fercli.studies.cell import PlannedCell
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
    tell(f"data     {plan.data}{f', where the source used {study.place}' if plan.other_data else ''}")
    tell(f"planned  {len(study.trained)} rows x {len(seeds)} seeds{folds} = {len(plan.cells)}; {progress}")
    for data, near in near_of_plan(plan).items():
        tell(f"twins    {data}: {together_in_words(asdict(near))}")
    tell(f"cost     {in_words(plan, found)}")
    tell(f"launch   {launch}")
    tell(f"tables   {plan.folder}")
    width = max(len(cell.label) for cell in plan.cells)
    for cell in plan.cells:
        state = "done" if cell.finished else "run" if cell.is_training else "fit" if cell.classifier else "eval"
        tell(f"{state:<5}{cell.label:<{width}}  {cell.part}  {cell.result.path}")


class CellProgress:
    """Print a line on standard error before the cells run, and when a cell starts and ends, with the time left."""

    def __init__(self, plan: "Plan"):
        self.plan = plan
        self.num_missing = self.num_ended = 0
        self.begin = 0.0

    def begun(self) -> None:
        """Print how many cells will run."""
        self.num_missing, self.begin = len(self.plan.missing), time.monotonic()
        done = sum(cell.finished for cell in self.plan.cells)
        say(f"{self.plan.study.name} on {self.plan.data}: {counted(self.plan.missing)} to run, {done} done before")

    def started(self, cell: "PlannedCell") -> None:
        """Print which cell starts."""
        after = "evaluation" if cell.classifier is None else f"fitting {cell.classifier}"
        what = "training" if cell.is_training else after
        say(f"  {cell.label}, {cell.part}: {what}; log in {cell.log}")

    def ended(self, finished: "Finished") -> None:
        """Print how a cell ended, and how long the rest takes."""
        self.num_ended += 1
        left = (time.monotonic() - self.begin) / self.num_ended * (self.num_missing - self.num_ended)
        if finished.elsewhere:
            say(f"  {finished.cell.label}, {finished.cell.part}: another command is running it")
            return
        how = f"FAILED (exit status {finished.status})" if finished.failed else "done"
        rest = f", about {duration(left)} left" if self.num_ended < self.num_missing else ""
        say(
            f"  {finished.cell.label}, {finished.cell.part}: {how} in {duration(finished.seconds)} "
            f"({self.num_ended} of {self.num_missing}{rest})"
        )


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
