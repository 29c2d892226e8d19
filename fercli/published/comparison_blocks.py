"""The published blocks of a comparison: a block per protocol, with the results of repeats beside each number."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pandas as pd

from fercli.protocol import Protocol
from fercli.published.flags import published_flags
from fercli.published.numbers import DOUBTS
from fercli.published.protocol_words import in_words
from fercli.published.publications import Publication
from fercli.tables.layout import number
from fercli.tables.table import Block, Cell, Column, Row


def published_blocks(numbers: Sequence[Publication], column: Column) -> list[Block]:
    """Return the published numbers by protocol, the largest blocks first."""
    groups: dict[Protocol, list[Row]] = {}
    for one in numbers:
        cell = Cell(
            published=one.value, published_sd=one.sd, published_n=one.runs, notes=one.doubts, sources=one.places
        )
        row = _row(one.name, one.reference, column, cell, one.repeats)
        groups.setdefault(one.protocol, []).append(row)
    blocks = [Block(f"published: {in_words(protocol)}", best_first(rows, column)) for protocol, rows in groups.items()]
    return sorted(blocks, key=lambda block: -len(block.rows))


def repeated_block(alone: pd.DataFrame, column: Column) -> list[Block]:
    """Return a block of the repeats without a known published number; no block if there are none."""
    rows = [
        _row(str(method), "", column, Cell(published=held(repeated["published"].iloc[0])), repeated)
        for method, repeated in alone.groupby("method", sort=False)
    ]
    return [Block("known only from repeats by others", rows)] if rows else []


def narrow(blocks: Iterable[Block], column: Column) -> list[Block]:
    """Return the rows in the form for a narrow page: method, number and repeat, the rest in footnotes.

    Doubts about a number are footnotes already; only flags that repeat no doubt become new footnotes.
    """
    return [Block(block.title, [_narrow(row, column) for row in block.rows]) for block in blocks]


def best_first(rows: Iterable[Row], column: Column) -> list[Row]:
    """Sort rows, the best first; rows without a number last."""

    def key(row: Row) -> float:
        cell = row.cells[column.key]
        value = cell.published if cell.value is None else cell.value
        if value is None or math.isnan(value):
            return math.inf
        return -value if column.higher_is_better is not False else value

    return sorted(rows, key=key)


def held(number: float) -> float | None:
    """Return a number of a frame; None for a missing one."""
    return None if pd.isna(number) else float(number)


def _row(label: str, reference: str, column: Column, cell: Cell, repeated: pd.DataFrame) -> Row:
    cells = {"from": Cell(text=reference), column.key: cell}
    if not repeated.empty:
        cells["repeated"] = _repeated(repeated, column)
    if cell.published is not None and (flags := published_flags(cell.notes, cell.published, repeated, column)):
        cells["flags"] = Cell(text="; ".join(flags))
    return Row(label, cells)


def _narrow(row: Row, column: Column) -> Row:
    cell = row.cells[column.key]
    flags = row.cells["flags"].text.split("; ") if "flags" in row.cells else []
    notes = (*cell.notes, *(flag for flag in flags if flag not in DOUBTS))
    cells = {column.key: replace(cell, notes=notes, low=None, high=None)}
    cells |= {"repeated": row.cells["repeated"]} if "repeated" in row.cells else {}
    return Row(row.label, cells, row.notes)


def _repeated(repeated: pd.DataFrame, column: Column) -> Cell:
    """Return one report as mean, deviation and number of runs; several as their range. A footnote says who and how."""
    reports = repeated.sort_values("repeated", ascending=column.higher_is_better is False)
    several = len(reports) > 1
    note = "; ".join(_report(str(by), same, column, several) for by, same in reports.groupby("by", sort=False))
    if several:
        low, high = (number(reports["repeated"].agg(end), column.decimals) for end in ("min", "max"))
        return Cell(text=f"{low} to {high}", notes=(note,), sources=("repeats.csv",))
    row = reports.iloc[0]
    runs = None if pd.isna(row["n"]) else int(row["n"])
    return Cell(row["repeated"], sd=held(row["sd"]), n=runs, notes=(note,), sources=("repeats.csv",))


def _report(by: str, reports: pd.DataFrame, column: Column, several: bool) -> str:
    """Return who reports and how: `a user (own crops)`; with the number if there are several: `a user: 81.42 (...)`."""
    notes = [f" ({note})" if note else "" for note in reports["note"]]
    if not several:
        return by + notes[0]
    values = [number(value, column.decimals) for value in reports["repeated"]]
    return f"{by}: {', '.join(value + note for value, note in zip(values, notes, strict=True))}"
