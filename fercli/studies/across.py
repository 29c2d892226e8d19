"""The tables of a study across corpora: trained on (rows) and evaluated on (columns), and tests in each column."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from fercli.runs.collect import LeftOut, read_run
from fercli.runs.folder import RunFolder
from fercli.studies.aggregate import Results
from fercli.studies.cell import PlannedCell
from fercli.studies.corpora import label_of, present_corpora
from fercli.studies.study import Claim
from fercli.studies.tables import interval_of
from fercli.studies.verdicts import pairs_of_rows
from fercli.tables.columns import measured
from fercli.tables.table import Block, Cell, Column, Row, Table
from fercli.tables.twins import apart_note

VALUES = (
    "Rows: the corpus that the network is trained on; columns: the corpus whose {split} it is evaluated on; the "
    "diagonal is within one corpus. Mean ± standard deviation (number of seeds) [95 % interval]."
)
COMMON = (
    "All cells: the {number} classes that every corpus has ({names}). Rows of other classes are left out, and the "
    "probabilities of these classes are divided by their sum."
)
OWN = (
    "All rows of the evaluated corpus, with its own classes. A row of a class that the network does not know is wrong, "
    "and so is the prediction of a class that the corpus does not have."
)


def across_tables(results: Results) -> dict[str, Table]:
    """Return `table` on the classes in common, `own_classes` if a corpus has others, and `drops`: tests by column."""
    found = {"table": _matrix(results, "Across corpora", lambda label, metric: _common(results, label, metric))}
    found["table"] = _with_notes(found["table"], _notes(results))
    if any(_left_out(results).values()) or any(_own_folder(cell) != cell.result.path for cell in results.plan.cells):
        own = _matrix(results, "Across corpora, own classes", lambda label, metric: _own(results, label, metric))
        found["own_classes"] = _with_notes(own, [OWN])
    if (drops := drops_table(results)) is not None:
        found["drops"] = drops
    return found


def drops_table(results: Results) -> Table | None:
    """Return the tests of training on another corpus against training on the evaluated one; None without runs."""
    corpora, study = present_corpora(results.plan.study), results.plan.study
    pairs = [
        Claim(label_of(one, other), label_of(other, other), metric)
        for metric in study.metrics
        for other in corpora
        for one in corpora
        if one != other and label_of(one, other) in results.labels
    ]
    if not pairs or results.runs.empty:
        return None
    title = "Training on another corpus minus training on the evaluated one"
    return pairs_of_rows(results, pairs, title)


def _matrix(results: Results, title: str, cell_of: Callable[[str, str], Cell]) -> Table:
    """Return a block for each metric."""
    corpora, blocks = present_corpora(results.plan.study), []
    for metric in results.plan.study.metrics:
        column = results.column(metric)
        rows = [Row(one, {other: cell_of(label_of(one, other), metric) for other in corpora}, ()) for one in corpora]
        blocks.append(Block(f"{column.label} ({column.unit})" if column.unit else column.label, rows))
    return Table(title, [Column(name, name) for name in corpora], blocks, label="trained on")


def _with_notes(table: Table, notes: list[str]) -> Table:
    return Table(table.title, table.columns, table.blocks, table.label, notes)


def _common(results: Results, label: str, metric: str) -> Cell:
    """Return the cell of one pair of corpora on the classes in common."""
    why = {row.label: row.not_run for row in results.plan.study.rows}
    rows, column = results.of(label, metric), results.column(metric)
    if rows.empty:
        return Cell(text="not run", notes=(why[label],) if why[label] else ())
    ends, notes = interval_of(results, label, metric)
    apart = apart_note(float(rows["apart"].mean(skipna=False)), rows["num_without_twins"].iloc[0], column, len(rows))
    return _cell(rows["value"], ends, (*notes, *apart), tuple(rows["folder"]), column)


def _own(results: Results, label: str, metric: str) -> Cell:
    """Return the cell of one pair of corpora on the classes of the evaluated corpus."""
    values, folders = [], []
    for cell in results.plan.cells:
        found = read_run(_own_folder(cell)) if cell.label == label and cell.finished else None
        if found is not None and not isinstance(found, LeftOut):
            values += [measured(metric, score.value, results.facts) for score in found[1] if score.metric == metric]
            folders.append(str(_own_folder(cell)))
    if not values:
        return Cell(text="not run")
    return _cell(pd.Series(values, dtype=float), (None, None), (), tuple(folders), results.column(metric))


def _cell(
    values: "pd.Series[float]",
    ends: tuple[float | None, float | None],
    notes: tuple[str, ...],
    folders: tuple[str, ...],
    column: Column,
) -> Cell:
    n = len(values)
    sd = float(values.std(ddof=1)) if n > 1 else None
    low, high = ends
    return Cell(float(values.mean()), sd, n, low, high, decimals=column.decimals, notes=notes, sources=folders)


def _own_folder(cell: PlannedCell) -> Path:
    """Return where the numbers on the own classes of the evaluated corpus lie."""
    whole = cell.on_all_classes
    return whole.path if whole is not None and whole.finished else cell.result.path


def _notes(results: Results) -> list[str]:
    study = results.plan.study
    splits = sorted({str(split) for split in results.runs["split"].dropna()})
    notes = [VALUES.format(split=f"{' or '.join(splits)} samples" if splits else "samples")]
    if classes := next((row.classes for row in study.rows if row.classes), ()):
        notes.append(COMMON.format(number=len(classes), names=", ".join(classes)))
    for corpus, numbers in _left_out(results).items():
        said = ", ".join(f"{number:,} of {name}" for name, number in numbers.items())
        if said:
            notes.append(f"Left out of {corpus}: {said}.")
    present = present_corpora(study)
    if missing := [name for name in study.corpora if name not in present]:
        notes.append(f"Not prepared, and so not in the table: {', '.join(missing)}.")
    return notes


def _left_out(results: Results) -> dict[str, dict[str, int]]:
    """Return the number of rows of other classes that are left out, by evaluated corpus and class."""
    found: dict[str, dict[str, int]] = {}
    for cell in results.plan.cells:
        if cell.evaluated_on is not None and cell.finished and cell.data not in found:
            found[cell.data] = dict(RunFolder(cell.result.path).read_metrics().get("in_common", {}).get("left_out", {}))
    return found
