"""The published blocks of a comparison: a block per protocol, beside each number what repeats of it gave."""

import math
from collections.abc import Iterable

import pandas as pd

from fercli.reports.flags import published_flags
from fercli.reports.layout import number
from fercli.reports.table import Block, Cell, Column, Row

PRINTED_BEFORE = r"repeated from Table|repeats "  # notes of a number that its source prints twice; it is shown once


def published_blocks(prints: pd.DataFrame, others: pd.DataFrame, column: Column) -> list[Block]:
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
        blocks.append(Block(f"published: {protocol}", best_first(rows, column)))
    blocks.sort(key=lambda block: -len(block.rows))
    found = set(zip(prints["method"], prints["value"], strict=True))
    rows = []
    for method, repeated in others.groupby("method", sort=False):
        first = repeated.iloc[0]
        if (method, first["published"]) not in found:
            rows.append(_row(first["method"], "", column, Cell(published=held(first["published"])), repeated))
    return [*blocks, Block("known only from repeats by others", rows)] if rows else blocks


def _row(label: str, reference: str, column: Column, cell: Cell, repeated: pd.DataFrame) -> Row:
    cells = {"from": Cell(text=reference), column.key: cell}
    if not repeated.empty:
        cells["repeated"] = _repeated(repeated, column)
    if cell.published is not None and (flags := published_flags(cell.notes, cell.published, repeated, column)):
        cells["flags"] = Cell(text=flags)
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
    return Cell(row["repeated"], sd=held(row["sd"]), n=runs, notes=notes, sources=("repeats.csv",))


def best_first(rows: Iterable[Row], column: Column) -> list[Row]:
    """Best first; rows without a number last."""

    def key(row: Row) -> float:
        cell = row.cells[column.key]
        value = cell.published if cell.value is None else cell.value
        if value is None or math.isnan(value):
            return math.inf
        return -value if column.higher_is_better is not False else value

    return sorted(rows, key=key)


def held(number: float) -> float | None:
    """A number of a frame; None where there is none."""
    return None if pd.isna(number) else float(number)
