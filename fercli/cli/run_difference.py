"""Print what differs between two runs, and draw both trainings."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from fercli.cli.console import Console, WordTable
from fercli.cli.printing import print_json, say
from fercli.errors import RunError, printable
from fercli.intervals import over
from fercli.runs.difference import ABSENT, Number, Pair, RunDifference
from fercli.runs.folder import RunFolder, read_history
from fercli.runs.metric_value import Score
from fercli.tables.layout import number

if TYPE_CHECKING:
    import pandas as pd

FIRST, SECOND = "A", "B"


def print_difference(one: RunFolder, other: RunFolder, found: RunDifference, json: bool) -> None:
    """Print a table for each kind of difference; A is the first run, B the second."""
    if json:
        print_json(_document(one, other, found))
        return
    console = Console()
    for name, run in ((FIRST, one), (SECOND, other)):
        console.print(f"{name} = {run.path}", style="bold")
    for title, pairs in (("options", found.options), ("data and protocol", found.data), ("origin", found.origin)):
        rows = [(pair.name, pair.first, pair.second) for pair in pairs]
        _print_table(console, f"{title}{'' if rows else ': no difference'}", ("", FIRST, SECOND), rows)
    _print_table(console, "numbers", ("", FIRST, SECOND, "B - A"), [_number(row) for row in found.numbers])
    of_runs = zip(*((row.first, row.second) for row in found.numbers), strict=True)
    for name, scores in zip((FIRST, SECOND), of_runs, strict=False):  # without numbers there are no runs
        if units := [score.units for score in scores if score is not None and score.low == score.low]:
            console.print(f"95 % intervals of {name} are over {over(units)}")
    console.print(found.predictions)
    curves = [
        (
            c.name,
            _value(c.first),
            _value(c.second),
            "equal" if c.differs_from is None else f"from epoch {c.differs_from}",
        )
        for c in found.curves
    ]
    _print_table(console, "curves, at the last epoch", ("", FIRST, SECOND, "differ"), curves)


def write_curves(one: RunFolder, other: RunFolder, path: Path) -> None:
    """Draw the loss of both trainings, and the first validated metric that both have.

    Raises:
        RunError: a run has no history.
    """
    from fercli.figures.curves import training_curves_figure
    from fercli.figures.figure import save_figure

    histories = {name: _history(run) for name, run in ((FIRST, one), (SECOND, other))}
    length = max(map(len, histories.values()))
    shared = [str(name) for name in histories[FIRST] if name in histories[SECOND]]
    shown = ["train/loss", *[name for name in shared if name.startswith("val/")][:1]]
    columns: dict[str, Any] = {"epoch": list(range(1, length + 1))}
    for name, history in histories.items():
        for column in shown:
            kind, _, what = column.partition("/")
            values = [*history[column], *[float("nan")] * (length - len(history))]
            columns[f"{kind}/{name}" if kind == "train" else f"val/{name} {what.replace('_', ' ')}"] = values
    save_figure(training_curves_figure(columns, {}), path)
    say(f"wrote {path}")


def _history(run: RunFolder) -> "pd.DataFrame":
    history = read_history(run)
    if history is None:
        raise RunError(f"{run.path / 'history.csv'} is missing or damaged, so no figure can be drawn")
    return history


def _print_table(console: Console, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    console.print(f"\n{title}", style="bold")
    if not rows:
        return
    table = WordTable(box=None, pad_edge=False, header_style="dim")
    for heading in headings:
        table.add_column(heading)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(table)


def _number(row: Number) -> tuple[str, str, str, str]:
    facts = row.facts
    label = f"{facts.label} ({facts.unit})" if facts.unit else facts.label

    def text(score: Score | None) -> str:
        if score is None:
            return ABSENT
        value, low, high = (number(end * facts.scale, facts.decimals) for end in (score.value, score.low, score.high))
        return value if "nan" in (low, high) else f"{value} [{low}, {high}]"

    signed = ABSENT if row.difference is None else number(row.difference * facts.scale, facts.decimals, signed=True)
    return label, text(row.first), text(row.second), signed


def _value(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.4g}"


def _document(one: RunFolder, other: RunFolder, found: RunDifference) -> dict[str, Any]:
    def pairs(rows: Sequence[Pair]) -> list[dict[str, str]]:
        return [asdict(pair) for pair in rows]

    numbers = [
        {
            "metric": row.metric,
            "first": None if row.first is None else row.first.value,
            "second": None if row.second is None else row.second.value,
            "difference": row.difference,
        }
        for row in found.numbers
    ]
    return {
        "first": str(one.path),
        "second": str(other.path),
        "options": pairs(found.options),
        "data": pairs(found.data),
        "origin": pairs(found.origin),
        "numbers": numbers,
        "predictions": found.predictions,
        "curves": [asdict(curve) for curve in found.curves],
    }
