"""The table of a study: measured beside published."""

import pandas as pd

from fercli.errors import RunError
from fercli.printed_protocol import said
from fercli.protocol import FIELDS, Protocol
from fercli.studies.aggregate import Results
from fercli.studies.differences import Against, against_print, why_not
from fercli.studies.grid import Plan
from fercli.studies.printed import published_number, published_rows
from fercli.studies.study import StudyRow
from fercli.studies.table_notes import notes_of
from fercli.tables.constants import constant_rows
from fercli.tables.table import Block, Cell, Column, Row, Table
from fercli.tables.twins import apart_note

NO_DATA = "none"  # as the data of a study of costs, which the source measures on no data set


def study_table(results: Results) -> Table:
    """Return the table of a study: measured mean, standard deviation, number of seeds and interval, beside the print.

    Rows of different data sets, preparations or protocols are in different blocks, because they are not comparable.
    The table gives the difference to the published number if both protocols are equal, or differ only in fields that
    the study intends to differ; a footnote names the fields that differ. Where the cells ran on other data than the
    source, published numbers are in their own columns, without a difference.
    """
    plan, study = results.plan, results.plan.study
    columns = [results.column(metric) for metric in study.metrics]
    if plan.other_data and published_rows(study):
        columns += [_elsewhere(results, metric) for metric in study.metrics]
    blocks = _measured_blocks(results)
    printed = [row for row in study.rows if row.overrides is None]
    for title, is_own in (("printed by the source, not run", True), ("quoted by the source from other papers", False)):
        if rows := [_quoted_row(plan, row) for row in printed if bool(row.not_run) == is_own]:
            blocks.append(Block(title, rows))
    title = f"{study.title} ({study.source}, {study.table})"
    return Table(f"{title}, run on {plan.data}" if plan.other_data else title, columns, blocks, notes=notes_of(results))


def _measured_blocks(results: Results) -> list[Block]:
    """Return one block for each data set and protocol; several blocks have titles with what differs between them."""
    study, blocks = results.plan.study, []
    groups = _by_protocol(results)
    said_once = [protocol for _, protocol in groups if protocol is not None]
    several = [name for name in FIELDS if len({getattr(protocol, name) for protocol in said_once}) > 1]
    for (data, protocol), rows in groups.items():
        parts = [data] if len(results.plan.fingerprints) > 1 else []
        parts += _told_apart(protocol, several) if protocol else ["not run"] if said_once else []
        measured = [_measured_row(results, row) for row in rows]
        folders = [folder for row in rows for folder in results.folders(row.label).values()]
        blocks.append(Block(", ".join(parts), [*measured, *constant_rows(folders, study.metrics, results.facts)]))
    return blocks


def _by_protocol(results: Results) -> dict[tuple[str, Protocol | None], list[StudyRow]]:
    """Group the trained rows by data set and protocol.

    A row without runs joins the other rows of its data set if they all have one protocol.
    """
    plan = results.plan
    found = {row.label: (plan.data_of[row.label], results.protocol(row.label)) for row in plan.study.trained}
    groups: dict[tuple[str, Protocol | None], list[StudyRow]] = {}
    for row in plan.study.trained:
        data, protocol = found[row.label]
        beside = {key for key in found.values() if key[0] == data and key[1] is not None}
        key = beside.pop() if protocol is None and len(beside) == 1 else (data, protocol)
        groups.setdefault(key, []).append(row)
    return groups


def _told_apart(protocol: Protocol, several: list[str]) -> list[str]:
    """Describe the fields in which the protocol of a block differs from other blocks; always name generic landmarks."""
    words = {name: f"{name.replace('_', ' ')} {said(getattr(protocol, name))}" for name in several}
    if "classes" in words:
        words["classes"] = f"{protocol.classes} classes" if protocol.classes else "no classes"
    if "options" in words:
        words["options"] = f"options chosen by {protocol.options}" if protocol.options else "options as given"
    if "generic" in protocol.landmarks:
        words["landmarks"] = f"{protocol.landmarks} landmarks"
    return list(words.values())


def _measured_row(results: Results, row: StudyRow) -> Row:
    study, cells = results.plan.study, {}
    is_joined = bool((results.of(row.label)["num_folds"].dropna() > 1).any())  # one seed has the spread of its folds
    for metric in study.metrics:
        values = results.values(row.label, metric)
        series = pd.Series(values, dtype=float)
        number_printed = published_number(study, row, metric)
        folders = tuple(map(str, results.folders(row.label).values()))
        ends, notes = interval_of(results, row.label, metric)
        held = against_print(results, row.label, row, metric)
        cells[metric] = Cell(
            value=float(series.mean()) if values else None,
            sd=float(series.std(ddof=1)) if len(values) > 1 else None,
            n=None if is_joined and len(values) == 1 else len(values) or None,
            low=ends[0],
            high=ends[1],
            published=None if results.plan.other_data else number_printed,
            compares=not why_not(results, row.label, row, metric),
            text="" if values else "not run",
            notes=(*notes, *_apart(results, row.label, metric), *_print_note(results, held)),
            sources=folders,
        )
        cells |= _elsewhere_cell(results.plan, metric, number_printed)
    return Row(row.label, cells, _deviations(results, row))


def _print_note(results: Results, held: Against | None) -> tuple[str, ...]:
    """Return the footnote on the fields in which the protocol differs from that of the printed number."""
    return (held.note,) if held and held.note and not results.plan.other_data else ()


def _apart(results: Results, label: str, metric: str) -> tuple[str, ...]:
    """Return the footnote with the mean over the samples without a twin in training, where every run has it."""
    rows = results.of(label, metric)
    if rows.empty:
        return ()
    mean = float(rows["apart"].mean(skipna=False))
    return apart_note(mean, rows["num_without_twins"].iloc[0], results.column(metric), len(rows))


def interval_of(results: Results, label: str, metric: str) -> tuple[tuple[float | None, float | None], tuple[str, ...]]:
    """Return the ends of the interval, and a note why there are none although there are runs."""
    try:
        return results.interval(label, metric) or (None, None), ()
    except RunError as error:
        return (None, None), (f"no interval: {error}",)


def _quoted_row(plan: Plan, row: StudyRow) -> Row:
    cells: dict[str, Cell] = {}
    for metric in plan.study.metrics:
        value = published_number(plan.study, row, metric)
        if plan.other_data:
            cells |= _elsewhere_cell(plan, metric, value)
        elif value is not None:
            found = [r for r in published_rows(plan.study, row) if r["metric"] == metric]
            where = () if row.table is None else (f"from {row.table.removeprefix('secondary: ')}",)
            cells[metric] = Cell(published=value, notes=(*where, *found[0]["doubts"]))
    return Row(row.label, cells, (row.not_run,) if row.not_run else ())


def _elsewhere(results: Results, metric: str) -> Column:
    column, data = results.column(metric), results.plan.study.data
    where = "as printed" if data == NO_DATA else f"on {data}"
    return Column(f"{metric} elsewhere", f"{column.label} {where}", column.unit, decimals=column.decimals)


def _elsewhere_cell(plan: Plan, metric: str, value: float | None) -> dict[str, Cell]:
    return {f"{metric} elsewhere": Cell(published=value)} if plan.other_data and value is not None else {}


def _deviations(results: Results, row: StudyRow) -> tuple[str, ...]:
    """Return the footnotes to a row: where it departs from the protocol of the source, and what is missing."""
    runs = results.of(row.label)
    notes = []
    if (runs["selection"] == "reported split").any():
        notes.append("the epoch was chosen on the split that is reported")
    for key in ("diverged", "one_class"):
        notes += [f"{key.replace('_', ' ')}: {said}" for said in runs[key].dropna().unique()]
    notes += runs["classifier_about"].dropna().unique().tolist()
    for budget in sorted(set(runs["budget"]) - {"full"}):
        notes.append(f"budget {budget}: not the training that the source describes")
    reasons = {str(left.folder): left.reason for left in results.left_out}
    cells = {one.seed: str(one.result.path) for one in results.plan.shown if one.label == row.label}
    if len(runs) and (missing := sorted(set(cells) - set(runs["seed"]))):
        notes.append(f"seeds left out: {', '.join(f'{seed} ({reasons[cells[seed]]})' for seed in missing)}")
    return tuple(notes)
