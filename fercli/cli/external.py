"""`fercli eval --predictions`: evaluate predictions of other people."""

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fercli.inference.external_run import Evaluated
    from fercli.screening.options import ScreeningOptions
    from fercli.tables.table import Table


@dataclass(frozen=True)
class Request:
    """What a user asked for; see the options of `fercli eval`."""

    file: Path
    words: list[str]
    store: Path | None
    data: str | None
    split: str | None
    against: tuple[Path, ...]
    runs: Path
    seed: int
    by: tuple[str, ...] | None
    json: bool
    screening: "ScreeningOptions"


def evaluate_external(request: Request, unused: dict[str, Any]) -> None:
    """Evaluate the file, write its run folder and its page, and print numbers, counts and tests."""
    from fercli.errors import ConfigError

    if given := [name for name, value in unused.items() if value is not None]:
        raise ConfigError(f"expected no {given[0]} with --predictions: there is no network; found it")
    if (request.store is None) == (request.data is None):
        raise ConfigError("expected --store <folder>, or --data <name> for stores/<name>, with --predictions")
    folder = request.store or Path("stores") / str(request.data)
    if not request.file.is_file():
        raise ConfigError(f"expected a file of predictions in {request.file}; found none")
    from fercli.cli.bars import drawing
    from fercli.cli.console import Console
    from fercli.cli.printing import print_json, say
    from fercli.cli.progress import quiet_libraries
    from fercli.cli.results import result_tables
    from fercli.datasets.store import Store
    from fercli.inference.external_run import ASKED, evaluate_external
    from fercli.pages.run import write_report
    from fercli.pages.screening import PAGE as SCREENING_PAGE
    from fercli.runs.folder import RunFolder
    from fercli.tables.terminal import TerminalTable

    quiet_libraries()
    ours = [RunFolder.existing(path) for path in request.against]
    said = _said(request.words)
    found = evaluate_external(
        request.file,
        Store(folder),
        request.split,
        said,
        request.runs,
        request.seed,
        request.by,
        request.screening,
    )
    with drawing() as progress:
        report = write_report(found.run, progress=progress)
    tests = {str(run.path): _tests(found, run) for run in ours}
    if request.json:
        paired = {path: [asdict(one) for one in rows] for path, rows in tests.items()}
        print_json({"run": str(found.run.folder), "report": str(report)} | found.run.result | {"tests": paired})
        return
    for note in _notes(found):
        say(f"note: {note}")
    if missing := [f"{name} ({about})" for name, about in ASKED.items() if not said.get(name)]:
        say("note: not said, as <field>=<text>: " + "; ".join(missing))
    console = Console()
    console.print(result_tables(found.run.result))
    for path, rows in tests.items():
        console.print(TerminalTable(_table(found, path, rows)))
    print(report)
    if "screening" in found.run.result:
        print(report.with_name(SCREENING_PAGE))


def _notes(found: "Evaluated") -> list[str]:
    """Return what was read, and a line for each reason why lines or rows were left out."""
    from fercli.errors import printable
    from fercli.inference.external import said

    external = found.external
    given = external.kind or ", ".join(name.removeprefix("predicted_") for name in external.columns)
    unread = ", ".join(printable(name)[:80] for name in external.unread[:20])
    notes = [f"read {given} by the column {external.key}" + (f"; columns not read: {unread}" if unread else "")]
    for reason, number in external.counts.items():
        if number:
            first = next(one for one in external.left_out if one.reason == reason)
            notes.append(f"{number:,} {reason}: {said(first)}; see {found.run.folder / 'left_out.csv'}")
    return notes


def _said(words: list[str]) -> dict[str, str]:
    """Return the fields of the protocol that are given; on a terminal, ask for the others one by one."""
    from fercli.errors import ConfigError, choose
    from fercli.inference.external_run import ASKED

    said = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals and Path(word).is_dir():
            raise ConfigError(f"expected one run after each --against; found one more: give --against {word}, too")
        if not equals:
            raise ConfigError(f"cannot read '{word}' with --predictions; expected <field>=<text>: {', '.join(ASKED)}")
        said[choose("field of external predictions", name, ASKED)] = value.strip()
    if sys.stdin.isatty() and sys.stderr.isatty():
        import typer

        for name, question in ASKED.items():
            if name not in said:
                asked = f"{name}: {question}; empty: not said"
                said[name] = typer.prompt(asked, default="", show_default=False, err=True).strip()
    return said


def _tests(found: "Evaluated", run: Any) -> list[Any]:
    from fercli.config import instantiate, load
    from fercli.studies.paired_runs import paired_tests

    nodes = load(found.run.run.config).metrics
    return paired_tests(found.run.run, run, {name: instantiate(node) for name, node in nodes.items()})


def _table(found: "Evaluated", path: str, rows: list[Any]) -> "Table":
    """Return the table of the tests against one run, in the units of the metrics."""
    from math import isnan

    from fercli.facts import Facts
    from fercli.interval_notes import interval_notes
    from fercli.tables.columns import measured, metric_column
    from fercli.tables.table import Block, Cell, Column, Row, Table

    scores = found.run.result["metrics"]
    facts = {name: Facts.of(score, f"metric '{name}'") for name, score in scores.items()}
    lines, over = [], {}
    for one in rows:
        column = metric_column(one.metric, facts)
        scale = measured(one.metric, 1.0, facts)
        ends = [None if isnan(end) else scale * end for end in (one.low, one.high)]
        cells = {
            "theirs": Cell(scale * one.first, decimals=column.decimals),
            "ours": Cell(scale * one.second, decimals=column.decimals),
            "difference": Cell(scale * (one.first - one.second), low=ends[0], high=ends[1], decimals=column.decimals),
            "p": Cell(None if isnan(one.p) else one.p, text=""),
            "test": Cell(text=one.test),
        }
        label = f"{column.label} ({column.unit})" if column.unit else column.label
        lines.append(Row(label, cells))
        if not isnan(one.p):
            over[column.label] = one.units
    columns = [Column("theirs", "theirs"), Column("ours", "ours")]
    columns += [Column("difference", "difference [95 %]"), Column("p", "p", decimals=3, is_probability=True)]
    number = f"{rows[0].num_samples:,} samples that both predict" if rows else "no common metric"
    note = "p is not corrected for the number of metrics; it holds for these networks, not for new trainings."
    notes = [*interval_notes(over), note]
    return Table(f"against {path}: {number}", [*columns, Column("test", "test")], [Block("", lines)], "metric", notes)
