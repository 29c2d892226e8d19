"""The cost of a plan in words, and the timing of its trainings."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fercli.cli.printing import counted, duration, say

if TYPE_CHECKING:
    from fercli.studies.cell import PlannedCell
    from fercli.studies.cost import Cost
    from fercli.studies.grid import Plan


def timings(plan: "Plan") -> dict[Path, float]:
    """Time a few steps of each distinct training, with notes on standard error."""
    from fercli.studies.time_cells import ABOUT, cells_to_time, time_cells

    cells = cells_to_time(plan)
    if cells:
        say(f"{plan.study.name}: timing {len(cells)} trainings, about {duration(ABOUT * len(cells))} in all")
    return time_cells(cells, lambda cell: say(f"  {cell.label}"))


def in_words(plan: "Plan", cost: "Cost") -> str:
    """Return the cost in words, such as `about 3.2 h, one at a time: 4 as long as their other seeds, 2 as timed`."""
    from fercli.studies.time_cells import ABOUT, cells_to_time

    if not plan.missing:
        return "nothing is left to run"
    fits = f"; and {counted(plan.fits)}, whose time is not known" if plan.fits else ""
    if not plan.trainings:
        return fits.removeprefix("; and ")
    if cost.seconds is None:
        return (
            f"not known until one has run, or with --time in about {duration(ABOUT * len(cells_to_time(plan)))}{fits}"
        )
    parts = {
        "as long as their other seeds": cost.measured,
        "as timed": cost.timed,
        "guessed to be as long as other rows": cost.guessed,
        "not known": cost.unknown,
    }
    known = ", ".join(f"{number} {words}" for words, number in parts.items() if number)
    return f"about {duration(cost.seconds)}, one at a time: {known}{fits}"


def progress_in_words(cost: "Cost", num_trainings: int, fits: "Sequence[PlannedCell]" = ()) -> str:
    """Return the progress in words, such as `3 done, 8 to run (1 of them begun), 4 classifiers after them`."""
    done = f"{cost.num_finished} done, " if cost.num_finished else ""
    begun = f" ({cost.num_begun} of them begun)" if cost.num_begun else ""
    after = f", {counted(fits)} after them" if fits else ""
    return f"{done}{num_trainings} to run{begun}{after}"
