"""Published numbers, what independent repeats of them gave, and our own runs: one table, a block per protocol."""

import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from fercli.catalog import choices
from fercli.errors import ConfigError, nearest
from fercli.reports.columns import measured, metric_column
from fercli.reports.layout import number
from fercli.reports.published import DATA, cautions, published, published_data, repeats
from fercli.reports.table import Block, Cell, Column, Row, Table
from fercli.runs.collect import PROTOCOL, Collection, collect, over_seeds

PRINTED_BEFORE = r"repeated from Table|repeats "  # notes of a number that its source prints twice; it is shown once


def comparison(data: str, metric: str = "accuracy", runs: str | Path = "runs") -> Table:
    """The table for one data set and metric.

    Blocks are never merged: rows of different protocol (classes, split, selection rule, pretrained weights, input
    size) do not compare. Within a block the best row is first. Beside a number that others repeated stands what they
    got, and in a footnote who they are.

    Args:
        data: name as in `data=<name>`.
        metric: key as in `metrics.json` and `data/published`.
        runs: folder of run folders; what cannot be used there is counted below the table.

    Raises:
        ConfigError: no such data set, or no number of this metric for it.
    """
    collection = collect(runs)
    prints, others = published(), repeats()
    known = {*prints["data"], *others["data"], *collection.runs["data"], *choices("data")} - {""}
    if data not in known:
        raise ConfigError(f"no data set named '{data}'; {nearest(data, sorted(known))}")
    data = published_data(data)
    prints, others = prints[prints["data"] == data], others[others["data"] == data]
    own = over_seeds(collection.runs[collection.runs["data"].map(published_data) == data])
    metrics = {*prints["metric"], *others["metric"], *own["metric"]}
    if metric not in metrics:
        has = nearest(metric, sorted(metrics)) if metrics else "there are none yet, neither published nor measured"
        raise ConfigError(f"no {metric} for {data}; {has}")
    column = metric_column(metric)
    blocks = _measured_blocks(own[own["metric"] == metric], column)
    blocks += _published_blocks(prints[prints["metric"] == metric], others[others["metric"] == metric], column)
    anywhere = any("repeated" in row.cells for block in blocks for row in block.rows)
    repeated = [Column("repeated", "repeated by others", column.unit)] if anywhere else []
    return Table(
        title=f"{_title(data)}: {column.label}",
        columns=[Column("from", "from"), column, *repeated],
        blocks=blocks,
        notes=[*cautions(data), *_left_out(collection, runs)],
    )


def _title(data: str) -> str:
    return {name: printed for printed, name in DATA.items()}.get(data, data)


def _measured_blocks(own: pd.DataFrame, column: Column) -> list[Block]:
    blocks: dict[str, list[Row]] = {}
    for row in own.to_dict("records"):
        title = f"our runs: {_protocol(row)}"
        blocks.setdefault(title, []).append(_measured_row(row, column))
    return [Block(title, _sorted(rows, column)) for title, rows in sorted(blocks.items())]


def _protocol(row: dict) -> str:
    """What two runs must have in common to compare."""
    given = {name: row[name] for name in PROTOCOL if not pd.isna(row[name])}
    parts = [f"{row['num_rows']:,} {given.get('split', '?')} images"]
    parts += [f"{given['num_classes']:.0f} classes"] if "num_classes" in given else []
    parts += [f"{given['size']:.0f} pixels"] if "size" in given else []
    parts += [f"trained on {given['num_train_rows']:,.0f}"] if "num_train_rows" in given else []
    selection = given.get("selection", "?")
    parts.append("best epoch chosen on this very split" if selection == "paper" else f"selection {selection}")
    parts.append(f"weights {given['weights']}" if "weights" in given else "no pretrained weights")
    parts += [f"budget {given['budget']}"] if given.get("budget", "full") != "full" else []
    return ", ".join(parts)


def _measured_row(row: dict, column: Column) -> Row:
    held = (_held(row[name]) for name in ("value", "sd", "low", "high"))
    value, sd, low, high = (None if x is None else measured(column.key, x) for x in held)
    cell = Cell(value, sd=sd, n=int(row["n"]), low=low, high=high, sources=row["folders"])
    return Row(row["method"], {"from": Cell(text=f"{row['backbone']}, run {row['run_id']}"), column.key: cell})


def _published_blocks(prints: pd.DataFrame, others: pd.DataFrame, column: Column) -> list[Block]:
    """Published rows by protocol, those with most rows first, and last what only a repeat reports."""
    blocks = []
    once = prints[~prints["notes"].str.contains(PRINTED_BEFORE)]
    for protocol, group in once.groupby("protocol", sort=False):
        modalities = group.groupby(["method", "reference"])["modality"].transform("nunique")
        rows = []
        for _, same in group.groupby(["source", "method", "reference", "modality", "value"], sort=False):
            first = same.iloc[0]
            repeated = others[(others["method"] == first["method"]) & (others["published"] == first["value"])]
            label = f"{first['method']} ({first['modality']})" if modalities[same.index[0]] > 1 else first["method"]
            doubts = dict.fromkeys(doubt for row in same["doubts"] for doubt in row)
            cell = Cell(
                published=first["value"],
                notes=tuple(doubts),
                sources=tuple(f"{file}: {table}" for file, table in zip(same["file"], same["table"], strict=True)),
            )
            rows.append(_row(label, first["reference"], column, cell, repeated))
        blocks.append(Block(f"published: {protocol}", _sorted(rows, column)))
    blocks.sort(key=lambda block: -len(block.rows))
    found = set(zip(prints["method"], prints["value"], strict=True))
    rows = []
    for method, repeated in others.groupby("method", sort=False):
        first = repeated.iloc[0]
        if (method, first["published"]) not in found:
            rows.append(_row(first["method"], "", column, Cell(published=_held(first["published"])), repeated))
    return [*blocks, Block("known only from repeats by others", rows)] if rows else blocks


def _row(label: str, reference: str, column: Column, cell: Cell, repeated: pd.DataFrame) -> Row:
    cells = {"from": Cell(text=reference), column.key: cell}
    if not repeated.empty:
        cells["repeated"] = _repeated(repeated, column)
    return Row(label, cells)


def _repeated(repeated: pd.DataFrame, column: Column) -> Cell:
    """One report as mean, deviation and number of runs; several as their range. Footnotes say who and how."""
    several = len(repeated) > 1
    notes = tuple(
        (f"{value:.2f}: " if several else "") + ", ".join(filter(None, (by, note)))
        for value, by, note in zip(repeated["repeated"], repeated["by"], repeated["note"], strict=True)
    )
    if several:
        low, high = (number(repeated["repeated"].agg(end), column.decimals) for end in ("min", "max"))
        return Cell(text=f"{low} to {high}", notes=notes, sources=("repeats.csv",))
    row = repeated.iloc[0]
    runs = None if pd.isna(row["n"]) else int(row["n"])
    return Cell(row["repeated"], sd=_held(row["sd"]), n=runs, notes=notes, sources=("repeats.csv",))


def _sorted(rows: Iterable[Row], column: Column) -> list[Row]:
    """Best first; rows without a number last."""

    def key(row: Row) -> float:
        cell = row.cells[column.key]
        value = cell.published if cell.value is None else cell.value
        if value is None or math.isnan(value):
            return math.inf
        return -value if column.higher_is_better is not False else value

    return sorted(rows, key=key)


def _left_out(collection: Collection, runs: str | Path) -> list[str]:
    reasons = Counter(entry.reason for entry in collection.left_out)
    counts = ", ".join(f"{n} {reason}" for reason, n in sorted(reasons.items()))
    return [f"left out of {runs}: {counts}"] if counts else []


def _held(number: float) -> float | None:
    return None if pd.isna(number) else float(number)
