"""Texts that several commands print."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fercli.wrapping import width_of, wrapped

if TYPE_CHECKING:
    from fercli.studies.cell import PlannedCell


def counted(cells: "Sequence[PlannedCell]") -> str:
    """Return the number of cells in words: `6 trainings`, or `6 trainings and 2 classifiers`."""
    trainings = sum(cell.is_training for cell in cells)
    fits = sum(cell.classifier is not None for cell in cells)
    evaluations = len(cells) - trainings - fits
    counts = {"training": trainings, "classifier": fits, "evaluation": evaluations}
    parts = [f"{number} {what}{'s' * (number != 1)}" for what, number in counts.items() if number]
    return " and ".join(parts) or "0 trainings"


def duration(seconds: float) -> str:
    """Return a time in words: `45 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def print_json(content: dict[str, Any]) -> None:
    """Print one line of JSON for a script."""
    import json

    print_text(json.dumps(content, ensure_ascii=False) + "\n")


def print_text(text: str) -> None:
    """Print text for a script as it is; on a terminal, what could control the terminal is escaped."""
    from fercli.errors import printable_lines

    print(printable_lines(text) if sys.stdout.isatty() else text, end="")


def say(text: str) -> None:
    """Print a note for people on standard error; on a terminal, lines break between words."""
    print(wrapped(text, width_of(sys.stderr)), file=sys.stderr, flush=True)


def tell(text: str) -> None:
    """Print lines for people on standard output; on a terminal, they break between words."""
    print(wrapped(text, width_of(sys.stdout)), flush=True)
