"""Where one number of a study comes from: its runs with commit, data and command, and its published lines."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from fercli.errors import ConfigError, choose, nearest
from fercli.published.protocol_words import in_words
from fercli.studies.aggregate import Results
from fercli.studies.origin import Origin, origin_of
from fercli.studies.printed import published_rows
from fercli.studies.tables import study_table
from fercli.tables.layout import measured_text, number
from fercli.tables.table import Cell


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
        origins=tuple(origin_of(results, training, metric) for training in trainings),
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
