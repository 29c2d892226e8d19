"""Print runs: a list of them, and all that is known of one."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from fercli.cli.console import Console
from fercli.cli.printing import print_json, say
from fercli.errors import RunError, printable, printable_lines, reading
from fercli.protocol import NOT_SAID, fields_in_words, said
from fercli.runs.collect import Score
from fercli.runs.folder import PUT_BACK, RunFolder
from fercli.runs.lineage import children_of, recorded_parent
from fercli.runs.listing import Entry
from fercli.runs.provenance import hardware_in_words, read_provenance
from fercli.runs.recorded import recorded_protocol
from fercli.tables.layout import number
from fercli.tables.run import metrics_table
from fercli.tables.terminal import TerminalTable

LEAST_TAGS = 10  # characters of the column of tags
LEAST_RUN = 20  # characters of the column of names
SIZES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}


def print_entries(entries: Sequence[Entry], found: int, runs: Path, metrics: Sequence[str], json: bool) -> None:
    """Print one row for each run; without chosen metrics, the first metric of each run."""
    if json:
        print_json({"runs": [entry.document() for entry in entries]})
        return
    console = Console()
    if entries:
        table = Table(box=None, pad_edge=False, header_style="bold")
        headings = ["run", "state", *(metrics or ["result"]), "tags"]
        rows = [_row(entry, runs, metrics) for entry in entries]
        widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
        widths[-1] = min(widths[-1], LEAST_TAGS)
        most = console.width - sum(widths[1:]) - 2 * len(widths)
        widths[0] = max(LEAST_RUN, min(widths[0], most))  # a long name is folded; states and results are not
        widths[-1] += max(0, most - widths[0])
        for heading, width in zip(headings, widths, strict=True):
            table.add_column(heading, overflow="fold", width=width, justify="right" if heading in metrics else "left")
        for row in rows:
            table.add_row(*map(Text, row))
        console.print(table)
    for entry in entries:
        if entry.wrong or entry.state in ("damaged", "failed"):
            console.print(f"note: {entry.run.path}: {entry.wrong or entry.detail}", style="yellow", soft_wrap=True)
    say(f"{len(entries)} of {found} runs in {printable(str(runs))}")


def _row(entry: Entry, runs: Path, metrics: Sequence[str]) -> list[str]:
    results = [_score(entry.metrics.get(name)) for name in metrics] if metrics else [_first(entry)]
    cells = [os.path.relpath(entry.run.path, runs), entry.state, *results, ", ".join(entry.notes.tags)]
    return [printable(cell) for cell in cells]


def print_run(entry: Entry, json: bool) -> None:
    """Print the facts of a run, its numbers, and its files with their sizes."""
    details = _details(entry)
    if json:
        print_json(entry.document() | {name: details[name] for name in details if name not in ("state", "studies")})
        return
    console = Console()
    console.print(str(entry.run.path), style="bold", soft_wrap=True)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in details.items():
        table.add_row(name, Text(printable_lines(_words(value))))
    console.print(table)
    if entry.metrics:
        result = entry.run.read_metrics()
        shown = {name: score for name, score in result["metrics"].items() if name in entry.metrics}
        constants, apart = result.get("constant_predictor"), result.get("without_twins")
        numbers = metrics_table(shown, "numbers", constants, without_twins=apart)
        console.print("", TerminalTable(numbers), sep="\n")


def _details(entry: Entry) -> dict[str, Any]:
    run = entry.run
    with reading(run.path / "provenance.json", "where a run comes from", error=RunError, remedy=PUT_BACK):
        origin = read_provenance(run.path)
        details: dict[str, Any] = {
            "state": f"{entry.state}: {entry.detail}" if entry.detail else entry.state,
            "tags": ", ".join(entry.notes.tags),
            "note": entry.notes.note or entry.wrong,
            **{name: entry.choices.get(name, "") for name in ("method", "data", "backbone")},
            "seed": entry.seed,
            "run id": run.run_id,
            "started": entry.started,
            "started from": "" if (parent := recorded_parent(run)) is None else parent.words,
            "went on in": ", ".join(str(path) for path in children_of(run)),
            **_recorded(entry),
            "command": origin.get("command", ""),
            "commit": origin.get("git") or "",
            "hardware": hardware_in_words(origin),
            "versions": ", ".join(f"{name} {version}" for name, version in origin.get("versions", {}).items()),
        }
    details["studies"] = ", ".join(entry.studies) or "none refers to it"
    details["files"] = _files(run)
    return {name: value for name, value in details.items() if value not in ("", said(NOT_SAID))}


def _recorded(entry: Entry) -> dict[str, Any]:
    """Return what the metrics.json of a finished run says of its data."""
    if not entry.metrics:
        return {}
    result = entry.run.read_metrics()
    return {
        "evaluated on": f"{result['num_rows']:,} samples",
        "trained on": f"{result['protocol'].get('num_train_rows', 0):,} samples",
        "data fingerprint": result["data"]["fingerprint"],
        **fields_in_words(recorded_protocol(result)),
    }


def _files(run: RunFolder) -> dict[str, int]:
    """Return the bytes of each file of the folder; of a folder in it, all its files together."""
    found = {}
    for path in sorted(run.path.iterdir()):
        if path.name == ".lock" or path.is_symlink():
            continue
        inside = [path] if path.is_file() else [file for file in path.rglob("*") if not file.is_symlink()]
        found[path.name] = sum(file.lstat().st_size for file in inside)
    return found


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {in_bytes(size)}" for name, size in value.items())
    return str(value)


def in_bytes(size: float) -> str:
    """Return a size in words: `12 kB`, `3.4 GB`."""
    unit = next((name for name, factor in SIZES.items() if size < 1000 * factor), "GB")
    size /= SIZES[unit]
    return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"


def _first(entry: Entry) -> str:
    name = next(iter(entry.metrics), None)
    if name is None:
        return ""
    facts = entry.metrics[name].facts
    return f"{facts.label if facts else name} {_score(entry.metrics[name])}"


def _score(score: Score | None) -> str:
    if score is None or score.facts is None:
        return ""
    unit = f" {score.facts.unit}" if score.facts.unit else ""
    return f"{number(score.value * score.facts.scale, score.facts.decimals)}{unit}"
