"""Where one number of a study comes from: its runs with commit, data and command, and its published lines."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from fercli.errors import ConfigError, choose, nearest
from fercli.published.protocol_words import in_words
from fercli.runs.folder import RunFolder
from fercli.runs.provenance import hardware_in_words, read_provenance
from fercli.studies.aggregate import Results
from fercli.studies.cell import PlannedCell
from fercli.studies.folds import fold_values
from fercli.studies.printed import published_rows
from fercli.studies.tables import study_table
from fercli.studies.verify import doubts
from fercli.tables.layout import measured_text, number
from fercli.tables.table import Cell


@dataclass(frozen=True, slots=True)
class Origin:
    """One run behind a cell.

    Attributes:
        fold: the fold that the run was evaluated on; None without folds to choose.
        state: "finished", or why the run is not in the table.
        value: in the unit of the column; None where the run is not in the table.
        commit: commit of the code that trained it, with `+` where files differed from the commit; None if unknown.
        fingerprint: fingerprint of the data.
        versions: versions of Python and libraries; empty where the run does not record them.
        doubts: files of the run that are not what was written, and numbers that its predictions do not give.
        command: command that repeats the run in the folder `repeats`, so that it leaves the run itself unchanged.
    """

    seed: int
    fold: int | None
    state: str
    value: float | None
    run: str
    commit: str | None
    data: str
    fingerprint: str
    hardware: str
    versions: dict[str, str]
    doubts: tuple[str, ...]
    command: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The origin of one cell of a study's table.

    Attributes:
        column: the key of the metric; `label` and `decimals` are facts of this metric.
        published: the lines of `data/published` for this row and metric.
    """

    study: str
    row: str
    column: str
    label: str
    decimals: int
    printed: str
    origins: tuple[Origin, ...]
    published: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return it as a dictionary, for other programs."""
        return asdict(self)


def explain(results: Results, row: str, column: str) -> Explanation:
    """Trace the cell of a row and a column, given by label or metric.

    Raises:
        ConfigError: the table has no such row or column.
    """
    study = results.plan.study
    table = study_table(results)
    labels = {line.label for line in study.rows}
    rows = {line.label: line for block in table.blocks for line in block.rows if line.label in labels}
    metrics = {results.column(metric).label: metric for metric in study.metrics} | {m: m for m in study.metrics}
    choose("row", row, rows, f" in {study.name}")
    if column not in metrics:
        raise ConfigError(f"no column '{column}' in {study.name}; {nearest(column, list(study.metrics))}")
    metric = metrics[column]
    cell = rows[row].cells.get(metric, Cell())
    trainings = [training for training in results.plan.cells if training.label == row]
    lines = published_rows(study, next(line for line in study.rows if line.label == row))
    return Explanation(
        study=study.name,
        row=row,
        column=metric,
        printed=_printed(cell, results.column(metric).decimals),
        label=results.column(metric).label,
        decimals=results.column(metric).decimals,
        origins=tuple(_origin(results, training, metric) for training in trainings),
        published=tuple(_line(line) for line in lines if line["metric"] == metric),
        notes=(*rows[row].notes, *cell.notes),
    )


def _printed(cell: Cell, decimals: int) -> str:
    parts = [measured_text(cell, decimals) or cell.text]
    parts += [f"published {number(cell.published, decimals)}"] if cell.published is not None else []
    return ", ".join(filter(None, parts)) or "nothing"


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    names = ("file", "table", "dataset", "method", "reference", "year", "value", "unit", "notes")
    return {name: line[name] for name in names} | {"protocol": in_words(line["protocol"])}


def _origin(results: Results, training: PlannedCell, metric: str) -> Origin:
    reasons = {str(left.folder): left.reason for left in results.left_out}
    stored = read_provenance(training.run.path)
    data = stored.get("data", {})
    parts = stored.get("parts") or [stored]  # several if a training was continued, perhaps elsewhere
    commits = dict.fromkeys(part["git"] for part in parts if part.get("git"))
    return Origin(
        seed=training.seed,
        fold=training.fold,
        state=reasons.get(str(training.result.path), "finished"),
        value=_value(results, training, metric),
        run=str(training.result.path),
        commit=", then ".join(commits) or None,
        data=str(data.get("name", "")),
        fingerprint=str(data.get("fingerprint", "")),
        hardware=", then ".join(dict.fromkeys(map(hardware_in_words, parts))),
        versions=stored.get("versions", {}),
        doubts=tuple(doubts(training.result.path)) if training.finished else (),
        command=_command(results, training),
    )


def _value(results: Results, training: PlannedCell, metric: str) -> float | None:
    """Return the number of one run in the unit of the column: that of its own fold, where it has one."""
    values: Mapping[Any, float] = results.values(training.label, metric)
    if training.fold is None:
        return values.get(training.seed)
    value = fold_values(results, training.label, metric).values.get((training.seed, training.fold), math.nan)
    return None if math.isnan(value) else value


def _command(results: Results, training: PlannedCell) -> str:
    """Return the command with the run's own options, which can include options of its hardware beside the plan's."""
    overrides = training.overrides
    if (given := training.run.path / "overrides.txt").is_file():
        overrides = tuple(given.read_text().splitlines())
    elsewhere = tuple("runs=repeats" if word.startswith("runs=") else word for word in overrides)
    repeated = replace(training, overrides=elsewhere, run=RunFolder(Path("repeats", *training.run.path.parts[-2:])))
    fit = "" if repeated.is_training else f" && {repeated.command}"
    return f"{repeated.training.command}{fit}"
