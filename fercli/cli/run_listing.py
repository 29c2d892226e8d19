"""Print runs: a list of them, and all that is known of one."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from fercli.cli.console import Console, WordTable
from fercli.cli.printing import print_json, say
from fercli.errors import RunError, printable, reading
from fercli.printed_protocol import fields_in_words, said
from fercli.protocol import NOT_SAID
from fercli.runs.folder import PUT_BACK, RunFolder
from fercli.runs.hardware import hardware_in_words
from fercli.runs.lineage import children_of, recorded_parent
from fercli.runs.listing import Entry
from fercli.runs.metric_value import Score
from fercli.runs.provenance import read_provenance
from fercli.runs.recorded import recorded_protocol
from fercli.tables.layout import number
from fercli.tables.run import metrics_table
from fercli.tables.terminal import TerminalTable

PLAIN = ("state", "result", "tags")  # columns whose cells say what they are
SAID = ("damaged", "failed", "finished")  # states whose detail, if there is one, follows the list
SIZES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}


def print_entries(entries: Sequence[Entry], found: int, runs: Path, metrics: Sequence[str], json: bool) -> None:
    """Print one row for each run; without chosen metrics, the first metric of each run."""
    if json:
        print_json({"runs": [entry.document() for entry in entries]})
        return
    console = Console()
    if entries:
        headings = ["run", "state", *(metrics or ["result"]), "tags"]
        rows = [[_name(entry, runs), *_row(entry, metrics)] for entry in entries]
        needed = sum(max(map(cell_len, column)) + 2 for column in zip(headings, *rows, strict=True))
        if not console.is_terminal:
            console.width = max(console.width, needed)  # a line for each run, for scripts
        console.print(_beside(headings, rows, metrics) if needed <= console.width else _below(headings, rows))
    for entry in entries:
        if said := entry.wrong or (entry.detail if entry.state in SAID else ""):
            console.print(f"note: {entry.run.path}: {said}", style="yellow")
    say(f"{len(entries)} of {found} runs in {printable(str(runs))}")


def _beside(headings: Sequence[str], rows: Sequence[Sequence[str]], metrics: Sequence[str]) -> WordTable:
    table = WordTable(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in metrics else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _below(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return two lines for each run: its name, which can be copied whole, and what is known of it."""
    lines = []
    for name, *cells in rows:
        named = zip(headings[1:], cells, strict=True)
        known = [cell if heading in PLAIN else f"{heading} {cell}" for heading, cell in named if cell]
        lines.append(f"{name}\n    {', '.join(known)}")
    return "\n".join(lines)


def _name(entry: Entry, runs: Path) -> str:
    return printable(os.path.relpath(entry.run.path, runs))


def _row(entry: Entry, metrics: Sequence[str]) -> list[str]:
    results = [_score(entry.metrics.get(name)) for name in metrics] if metrics else [_first(entry)]
    return [printable(cell) for cell in (entry.state, *results, ", ".join(entry.notes.tags))]


def print_run(entry: Entry, json: bool) -> None:
    """Print the facts of a run, its numbers, and its files with their sizes."""
    details = _details(entry)
    if json:
        print_json(entry.document() | {name: details[name] for name in details if name not in ("state", "studies")})
        return
    console = Console()
    console.print(str(entry.run.path), style="bold")
    width = max(map(len, details)) + 2
    for name, value in details.items():
        console.print(f"{name:<{width}}{_words(value)}")
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
