"""The blocks of our own runs in a comparison: a block per protocol and store."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from fercli.protocol import Protocol
from fercli.published.comparison_blocks import best_first, held
from fercli.published.files import DATA
from fercli.published.flags import measured_flags
from fercli.published.numbers import published_data
from fercli.published.protocol_words import in_words
from fercli.tables.columns import KnownFacts, measured
from fercli.tables.constants import constant_rows
from fercli.tables.table import Block, Cell, Column, Row

SHORT = 8  # digits of a fingerprint that tell stores apart


def measured_blocks(own: pd.DataFrame, column: Column, facts: KnownFacts) -> list[Block]:
    """A block for each protocol and store; where only the store tells blocks apart, their titles name it.

    Among runs that predict scores stand the constants that they must beat.

    Args:
        own: our runs over seeds, as `over_seeds` gives them, with `train_rows`, the number of each seed.
        column: of the metric.
        facts: of the metric, by its name.
    """
    groups: dict[tuple[str, str, str], list[dict[Any, Any]]] = {}
    for row in own.to_dict("records"):
        groups.setdefault((_title(row), row["data"], row["fingerprint"]), []).append(row)
    shared = Counter(title for title, _, _ in groups)
    blocks = []
    for (title, data, fingerprint), rows in sorted(groups.items(), key=lambda group: group[0]):
        store = f", store {data} {fingerprint[:SHORT]}" if shared[title] > 1 else ""
        constants = constant_rows([folder for row in rows for folder in row["folders"]], [column.key], facts)
        measured_rows = [_row(row, column, facts) for row in rows]
        title = f"our runs: {title}{_trained_on(rows)}{store}"
        blocks.append(Block(title, best_first([*measured_rows, *constants], column)))
    return blocks


def measured_protocol(row: Mapping[Any, Any]) -> Protocol:
    """The protocol of runs, from a row of `collect` or `over_seeds`; what an older run does not hold is not said."""
    said = {name: value for name, value in row.items() if isinstance(value, str)}
    data = published_data(said.get("dataset", row["data"]))
    printed = next((name for name, short in DATA.items() if short == data), data)
    return Protocol.of(said | {"dataset": printed})


def run_label(row: Mapping[Any, Any]) -> str:
    """What stands in the column `from`: the backbone and the run."""
    return f"{row['backbone']}, run {row['run_id']}"


def _title(row: Mapping[Any, Any]) -> str:
    """What two runs must have in common to compare, besides their store."""
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


def _trained_on(rows: list[dict[Any, Any]]) -> str:
    """From the fewest to the most training rows: where subjects stay together, each seed has another number."""
    counts = [count for row in rows for count in row["train_rows"]]
    ends = dict.fromkeys((min(counts), max(counts))) if counts else ()
    return f", trained on {' to '.join(f'{count:,.0f}' for count in ends)}" if ends else ""


def _row(row: dict[Any, Any], column: Column, facts: KnownFacts) -> Row:
    found = (held(row[name]) for name in ("value", "sd", "low", "high"))
    value, sd, low, high = (None if x is None else measured(column.key, x, facts) for x in found)
    cell = Cell(value, sd=sd, n=int(row["n"]), low=low, high=high, sources=row["folders"])
    cells = {"from": Cell(text=run_label(row)), column.key: cell}
    if flags := measured_flags(row["n"], row["selection"], row["budget"]):
        cells["flags"] = Cell(text=flags)
    return Row(row["method"], cells)
