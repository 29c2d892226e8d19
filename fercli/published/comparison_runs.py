"""The blocks of our own runs in a comparison: a block per protocol and store."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from fercli.protocol import Protocol
from fercli.published.comparison_blocks import best_first, held
from fercli.published.data_sets import printed_name, published_data
from fercli.published.flags import measured_flags
from fercli.published.protocol_words import in_words
from fercli.tables.columns import KnownFacts, measured
from fercli.tables.constants import constant_rows
from fercli.tables.table import Block, Cell, Column, Row
from fercli.tables.twins import apart_note

SAME_TRAINING = 1.2  # most times as many training rows in a block
SHORT = 8  # digits of a fingerprint that distinguish stores


def measured_blocks(own: pd.DataFrame, column: Column, facts: KnownFacts) -> list[Block]:
    """Return a block for each protocol, store and size of training; blocks that differ in the store name it.

    A block of runs that predict scores also holds the constants that they must beat.

    Args:
        own: our runs over seeds: the result of `over_seeds`, with `train_rows`, the training rows of each seed.
        column: column of the metric.
        facts: facts of the metric, by its name.
    """
    groups: dict[tuple[str, str, str], list[dict[Any, Any]]] = {}
    for row in own.to_dict("records"):
        groups.setdefault((_title(row), row["data"], row["fingerprint"]), []).append(row)
    shared = Counter(title for title, _, _ in groups)
    blocks = []
    each = [(key, rows) for key, found in groups.items() for rows in _alike_in_training(found)]
    for (title, data, fingerprint), rows in sorted(each, key=lambda group: group[0]):
        store = f", store {data} {fingerprint[:SHORT]}" if shared[title] > 1 else ""
        constants = constant_rows([folder for row in rows for folder in row["folders"]], [column.key], facts)
        same = Counter(map(row_name, rows))
        measured_rows = [_row(row, column, facts, same[row_name(row)] == 1) for row in rows]
        title = f"{_whose(rows)}: {title}{_trained_on(rows)}{store}"
        blocks.append(Block(title, best_first([*measured_rows, *constants], column)))
    return blocks


def measured_protocol(row: Mapping[Any, Any]) -> Protocol:
    """Return the protocol from a row of `collect` or `over_seeds`; fields that an older run lacks are "not said"."""
    said = {name: value for name, value in row.items() if isinstance(value, str)}
    data = published_data(said.get("dataset", row["data"]))
    return Protocol.of(said | {"dataset": printed_name(data)})


def row_name(row: Mapping[Any, Any]) -> str:
    """Return the name of a row: the method, and the classifier that was fitted to its features, if any."""
    return row["method"] if _missing(row["classifier"]) else f"{row['method']}, then {row['classifier']}"


def full_name(row: Mapping[Any, Any]) -> str:
    """Return the name of a row with its run, which tells it from others of the same method."""
    return f"{row_name(row)}, run {row['run_id']}"


def run_label(row: Mapping[Any, Any]) -> str:
    """Return the text of the column `from`: the backbone and the run."""
    return f"{row['backbone']}, run {row['run_id']}"


def _title(row: Mapping[Any, Any]) -> str:
    """Return what comparable runs share besides their store: protocol, number of rows, image size, budget."""
    return ", ".join(_parts({name: value for name, value in row.items() if not _missing(value)}))


def _parts(row: Mapping[Any, Any]) -> Iterator[str]:
    yield in_words(measured_protocol(row))
    yield f"{row['num_rows']:,} rows"
    if "size" in row:
        yield f"{row['size']:.0f} pixels"
    if row.get("budget", "full") != "full":
        yield f"budget {row['budget']}"


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and pd.isna(value))


def _whose(rows: list[dict[Any, Any]]) -> str:
    external = [not _missing(row["external"]) for row in rows]
    if all(external):
        return "predictions of others, evaluated here"
    return "our runs, and predictions of others" if any(external) else "our runs"


def _trained_on(rows: list[dict[Any, Any]]) -> str:
    """Return the range of training rows: in a split that keeps subjects together, it depends on the seed."""
    counts = [count for row in rows for count in row["train_rows"]]
    ends = dict.fromkeys((min(counts), max(counts))) if counts else ()
    return f", trained on {' to '.join(f'{count:,.0f}' for count in ends)}" if ends else ""


def _alike_in_training(rows: list[dict[Any, Any]]) -> list[list[dict[Any, Any]]]:
    """Divide rows by their number of training rows: a network that saw a tenth of the data is no like for like.

    Splits that keep subjects together differ in their number by the seed, so numbers that differ by less than
    `SAME_TRAINING` count as equal. Predictions of others have no number; they stand apart if the rest is divided.
    """
    known = sorted((row for row in rows if row["train_rows"]), key=_mean_training)
    groups: list[list[dict[Any, Any]]] = []
    for row in known:
        if not groups or _mean_training(row) > SAME_TRAINING * _mean_training(groups[-1][0]):
            groups.append([])
        groups[-1].append(row)
    unknown = [row for row in rows if not row["train_rows"]]
    if len(groups) < 2:
        return [rows]
    return [*groups, *([unknown] if unknown else [])]


def _mean_training(row: dict[Any, Any]) -> float:
    return sum(row["train_rows"]) / len(row["train_rows"])


def _row(row: dict[Any, Any], column: Column, facts: KnownFacts, is_alone: bool) -> Row:
    """Return the row of some runs; where others of the block have its name, it names its run, too."""
    found = (held(row[name]) for name in ("value", "sd", "low", "high"))
    value, sd, low, high = (None if x is None else measured(column.key, x, facts) for x in found)
    apart = measured(column.key, row["apart"], facts)
    notes = apart_note(apart, row["num_without_twins"], column, int(row["n"]))
    cell = Cell(value, sd=sd, n=int(row["n"]), low=low, high=high, notes=notes, sources=row["folders"])
    cells = {"from": Cell(text=run_label(row)), column.key: cell}
    about = [not _missing(row[name]) for name in ("external", "diverged", "one_class")]
    if flags := measured_flags(row["n"], row["selection"], row["budget"], *about):
        cells["flags"] = Cell(text=flags)
    said = tuple(row[name] for name in ("diverged", "one_class", "classifier_about") if not _missing(row[name]))
    return Row(row_name(row) if is_alone else full_name(row), cells, said)
