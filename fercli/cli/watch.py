"""`fercli ablate --status --watch`: follow the cells of a study until all have ended."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.live import Live
from rich.text import Text

from fercli.cli.console import Console, WordTable
from fercli.cli.printing import say, tell
from fercli.cli.queue import status_lines
from fercli.errors import RunError

if TYPE_CHECKING:
    from fercli.launch.status import CellStatus
    from fercli.studies.grid import Plan

Look = Callable[[], "list[CellStatus]"]
ENDED = ("done", "failed", "cancelled", "stopped", "to run")  # states that no job changes any more
COLORS = {"done": "green", "failed": "red", "cancelled": "red", "running": "cyan"}


def follow(plan: "Plan", look: Look, every: float) -> "list[CellStatus]":
    """Show the state of each cell until all have ended, and return the last states.

    On a terminal it is one live table. Elsewhere, each change is a line. Between two trainings on one machine no cell
    runs for a moment: the end is seen at the second look, except where all cells are done.

    Args:
        look: gives the states now.
        every: seconds between two looks.
    """
    found = look()  # an error of the first look ends the command; later, the cluster may be busy for a while
    console = Console()
    if not console.is_terminal:
        tell("\n".join(status_lines(plan, found)))
        return _until_ended(found, look, every, _print_changes)
    with Live(_table(plan, found), console=console, auto_refresh=False) as live:
        return _until_ended(found, look, every, lambda _, now: live.update(_table(plan, now), refresh=True))


def _until_ended(
    found: "list[CellStatus]",
    look: Look,
    every: float,
    show: "Callable[[list[CellStatus], list[CellStatus]], None]",
) -> "list[CellStatus]":
    quiet = 0
    while not all(status.state == "done" for status in found) and quiet < 2:
        time.sleep(every)
        try:
            now = look()
        except RunError as error:
            say(f"note: {error}; asking again")
            continue
        show(found, now)
        quiet = quiet + 1 if all(status.state in ENDED for status in now) else 0
        found = now
    return found


def _print_changes(before: "list[CellStatus]", now: "list[CellStatus]") -> None:
    for old, new in zip(before, now, strict=True):
        if old.state != new.state:
            line = f"{time.strftime('%H:%M:%S')}  {new.state}  {new.cell.label}  {new.cell.part}  {new.detail}"
            print(line.rstrip(), flush=True)


def _table(plan: "Plan", found: "list[CellStatus]") -> WordTable:
    head = status_lines(plan, found)[0]
    table = WordTable("state", "row", "seed", "job", "where", title=Text(head), title_justify="left")
    for status in found:
        state = Text(status.state, COLORS.get(status.state, ""))
        table.add_row(
            state, Text(status.cell.label), status.cell.part.removeprefix("seed "), status.job, Text(status.detail)
        )
    return table
