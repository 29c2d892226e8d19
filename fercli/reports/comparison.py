"""Published numbers, what independent repeats of them gave, and our own runs: one table, a block per protocol."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from fercli.catalog import choices
from fercli.errors import ConfigError, nearest
from fercli.protocol import Protocol, epoch_in_words, said
from fercli.reports.columns import measured, metric_column
from fercli.reports.comparison_blocks import best_first, held, published_blocks
from fercli.reports.constants import constant_rows
from fercli.reports.flags import measured_flags
from fercli.reports.published import DATA, cautions, published, published_data, reconstruction, repeats
from fercli.reports.table import Block, Cell, Column, Row, Table
from fercli.reports.timeline import Point, timeline_plot
from fercli.runs.collect import LeftOut, collect, over_seeds

KINDS = ("published", "frontier", "measured")
SHORT = 8  # digits of a fingerprint that tell stores apart
FRONTIER = "frontier"  # source of newer results than those of the five sources and what they quote


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything that is known of one data set and metric, and chosen to be shown.

    Attributes:
        prints: lines of `published`.
        others: lines of `repeats`.
        own: our runs over seeds, as `over_seeds` gives them, with `train_rows`, the number of each seed.
        left_out: run folders that cannot be used.
        notes: what was not chosen.
    """

    data: str
    column: Column
    prints: pd.DataFrame
    others: pd.DataFrame
    own: pd.DataFrame
    left_out: list[LeftOut]
    notes: list[str]


def numbers(
    data: str,
    metric: str = "accuracy",
    runs: str | Path = "runs",
    since: int | None = None,
    include: Collection[str] = KINDS,
) -> Numbers:
    """The numbers of one data set and metric.

    Args:
        data: name as in `data=<name>`.
        metric: key as in `metrics.json` and `data/published`.
        runs: folder of run folders.
        since: first year of the published numbers; those without a year are left out then.
        include: of KINDS: numbers from the five sources and what they quote, newer ones, our runs.

    Raises:
        ConfigError: no such data set or kind, or no number of this metric for it.
    """
    if unknown := [kind for kind in include if kind not in KINDS]:
        raise ConfigError(f"no kind of numbers named '{unknown[0]}'; {nearest(unknown[0], KINDS)}")
    collection = collect(runs)
    prints, others = published(), repeats()
    known = {*prints["data"], *others["data"], *collection.runs["data"], *choices("data")} - {""}
    if data not in known:
        raise ConfigError(f"no data set named '{data}'; {nearest(data, sorted(known))}")
    data = published_data(data)
    prints, others = prints[prints["data"] == data], others[others["data"] == data]
    runs_of_data = collection.runs[collection.runs["data"].map(published_data) == data]
    metrics = {*prints["metric"], *others["metric"], *runs_of_data["metric"]}
    if metric not in metrics:
        has = nearest(metric, sorted(metrics)) if metrics else "there are none yet, neither published nor measured"
        raise ConfigError(f"no {metric} for {data}; {has}")
    prints, others = prints[prints["metric"] == metric], others[others["metric"] == metric]
    own = over_seeds(runs_of_data[runs_of_data["metric"] == metric])
    is_frontier = prints["source"] == FRONTIER
    chosen = (is_frontier & ("frontier" in include)) | (~is_frontier & ("published" in include))
    if since is not None:
        chosen &= pd.to_numeric(prints["year"], errors="coerce") >= since
    others = others[others["method"].isin(prints[chosen]["method"]) | _alone(others, prints, since, include)]
    own = own if "measured" in include else own[:0]
    dropped = int((~chosen).sum())
    notes = [f"{dropped} published numbers are not shown{_why(since, include)}."] if dropped else []
    train_rows = runs_of_data.groupby("folder")["num_train_rows"].first()
    own["train_rows"] = [tuple(train_rows.reindex(folders).dropna()) for folders in own["folders"]]
    return Numbers(data, metric_column(metric), prints[chosen], others, own, collection.left_out, notes)


def comparison(found: Numbers, top: int | None = None) -> Table:
    """The table of these numbers.

    Blocks are never merged: rows of different protocol (classes, split, selection rule, pretrained weights, input
    size) or on another store do not compare. Within a block the best row is first. Beside a number that others repeated
    stands what they got, and in a footnote who they are; flags say in a word what is to be known of a number.

    Args:
        top: most rows of each block of published numbers.
    """
    column = found.column
    blocks = published_blocks(found.prints, found.others, column)
    hidden = sum(max(0, len(block.rows) - top) for block in blocks) if top is not None else 0
    blocks = _measured_blocks(found.own, column) + [Block(block.title, block.rows[:top]) for block in blocks]
    cells = [row.cells for block in blocks for row in block.rows]
    optional = [Column("repeated", "repeated by others", column.unit), Column("flags", "flags")]
    shown = [extra for extra in optional if any(extra.key in row for row in cells)]
    notes = [f"Of each published block the best {top} are shown; rows not shown: {hidden}."] if hidden else []
    return Table(
        title=f"{_title(found.data)}: {column.label}",
        columns=[Column("from", "from"), column, *shown],
        blocks=blocks,
        notes=[*cautions(found.data), *found.notes, *_reconstructed(found), *notes, *_left_out(found.left_out)],
    )


def _reconstructed(found: Numbers) -> list[str]:
    return [note for method in dict.fromkeys(found.own["method"]) for note in reconstruction(method)]


def timeline(found: Numbers) -> Figure:
    """The picture of these numbers: year against result."""
    points = []
    for _, line in found.prints.drop_duplicates(["method", "value", "year"]).iterrows():
        if line["year"]:
            again = found.others[
                (found.others["method"] == line["method"]) & (found.others["published"] == line["value"])
            ]["repeated"]
            best = again.min() if found.column.higher_is_better is False else again.max()
            points.append(Point(line["method"], int(line["year"]), line["value"], line["protocol"], held(best)))
    own = {
        f"our {row['method']}, {row['backbone']} (n = {row['n']})": measured(found.column.key, row["value"])
        for row in found.own.to_dict("records")
    }
    title = f"{_title(found.data)}: colors are protocols, which do not compare"
    return timeline_plot(points, own, found.column, title)


def _alone(others: pd.DataFrame, prints: pd.DataFrame, since: int | None, include: Collection[str]) -> pd.Series:
    """Repeats of methods that no line prints: they have no year, and count as newer numbers."""
    return ~others["method"].isin(prints["method"]) & (since is None and "frontier" in include)


def _why(since: int | None, include: Collection[str]) -> str:
    reasons = [f"before {since} or without a year"] if since is not None else []
    reasons += [f"of another kind than {', '.join(include)}"] if set(include) < set(KINDS) else []
    return f": {'; '.join(reasons)}" if reasons else ""


def _title(data: str) -> str:
    return {name: printed for printed, name in DATA.items()}.get(data, data)


def _measured_blocks(own: pd.DataFrame, column: Column) -> list[Block]:
    """A block for each protocol and store; where only the store tells blocks apart, their titles name it.

    Among runs that predict scores stand the constants that they must beat.
    """
    groups: dict[tuple[str, str, str], list[dict]] = {}
    for row in own.to_dict("records"):
        groups.setdefault((_protocol(row), row["data"], row["fingerprint"]), []).append(row)
    shared = Counter(protocol for protocol, _, _ in groups)
    blocks = []
    for (protocol, data, fingerprint), rows in sorted(groups.items(), key=lambda group: group[0]):
        title = f"our runs: {protocol}{_trained_on(rows)}"
        title += f", store {data} {fingerprint[:SHORT]}" if shared[protocol] > 1 else ""
        constants = constant_rows([folder for row in rows for folder in row["folders"]], [column.key])
        measured_rows = [_measured_row(row, column) for row in rows]
        blocks.append(Block(title, best_first([*measured_rows, *constants], column)))
    return blocks


def _protocol(row: dict) -> str:
    """What two runs must have in common to compare, besides their store."""
    protocol = Protocol.of(row)
    parts = [f"{row['num_rows']:,} {said(protocol.split)} images"]
    parts += [f"{protocol.classes} classes"] if protocol.classes else []
    parts += [protocol.crop] if protocol.crop else []
    parts += [f"pretraining {said(protocol.pretraining)}", epoch_in_words(protocol)]
    parts += [f"budget {row['budget']}"] if row["budget"] != "full" else []
    return ", ".join(parts)


def _trained_on(rows: list[dict]) -> str:
    """From the fewest to the most training rows: where subjects stay together, each seed has another number."""
    counts = [count for row in rows for count in row["train_rows"]]
    ends = dict.fromkeys((min(counts), max(counts))) if counts else ()
    return f", trained on {' to '.join(f'{count:,.0f}' for count in ends)}" if ends else ""


def _measured_row(row: dict, column: Column) -> Row:
    found = (held(row[name]) for name in ("value", "sd", "low", "high"))
    value, sd, low, high = (None if x is None else measured(column.key, x) for x in found)
    cell = Cell(value, sd=sd, n=int(row["n"]), low=low, high=high, sources=row["folders"])
    cells = {"from": Cell(text=f"{row['backbone']}, run {row['run_id']}"), column.key: cell}
    if flags := measured_flags(row["n"], row["selection"], row["budget"]):
        cells["flags"] = Cell(text=flags)
    return Row(row["method"], cells)


def _left_out(left_out: list[LeftOut]) -> list[str]:
    reasons = Counter(entry.reason for entry in left_out)
    counts = ", ".join(f"{n} {reason}" for reason, n in sorted(reasons.items()))
    return [f"Run folders left out: {counts}."] if counts else []
