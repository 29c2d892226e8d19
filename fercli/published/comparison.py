"""Published numbers, the results of independent repeats, and our own runs in one table, a block per protocol."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from fercli.catalog import choices
from fercli.errors import ConfigError, choose, nearest
from fercli.facts import Facts, packaged_facts
from fercli.interval_notes import cautions as few
from fercli.intervals import over
from fercli.published.comparison_blocks import narrow, published_blocks, repeated_block
from fercli.published.comparison_runs import measured_blocks
from fercli.published.data_sets import printed_name, published_data
from fercli.published.numbers import cautions, published, reconstruction, repeats
from fercli.published.publications import Publication, held_against_none, publications
from fercli.runs.collect import DAMAGED, LeftOut, collect, over_seeds
from fercli.tables.columns import facts_of_runs, metric_column
from fercli.tables.table import Block, Column, Table

KINDS = ("published", "frontier", "measured")
FRONTIER = "frontier"  # source of results that are newer than those that the five sources report or quote
MOST_NAMED = 3  # damaged run folders below a table
NOT_SAID = "The title of a block leaves out the fields of a protocol that the source does not state."


@dataclass(frozen=True, slots=True)
class Numbers:
    """The chosen numbers of one data set and metric.

    Attributes:
        prints: the published numbers.
        alone: lines of `repeats` without a known published number.
        own: our runs over seeds: the result of `over_seeds`, with `train_rows`, the training rows of each seed.
        left_out: run folders that cannot be used.
        facts: facts of the metric, by its name.
        notes: notes on what was not chosen.
    """

    data: str
    column: Column
    prints: Sequence[Publication]
    alone: pd.DataFrame
    own: pd.DataFrame
    facts: dict[str, Facts]
    left_out: list[LeftOut]
    notes: list[str]

    @property
    def printed(self) -> str:
        """The printed name of the data set."""
        return printed_name(self.data)

    @property
    def title(self) -> str:
        """The printed name of the data set, and the metric."""
        return f"{self.printed}: {self.column.label}"


def numbers(
    data: str,
    metric: str,
    runs: str | Path = "runs",
    since: int | None = None,
    include: Collection[str] = KINDS,
) -> Numbers:
    """Choose the numbers of one data set and metric.

    Args:
        data: name as in `data=<name>`.
        metric: key as in `metrics.json` and `data/published`.
        runs: folder of run folders.
        since: first year of the published numbers; with it, numbers without a year are left out.
        include: some of KINDS. `published`: numbers that the five sources report or quote; `frontier`: newer numbers;
            `measured`: our runs.

    Raises:
        ConfigError: no such data set or kind, or no number of this metric for the data set.
        RunError: runs, or runs and published numbers, define the metric differently.
    """
    for kind in include:
        choose("kind of numbers", kind, KINDS)
    collection = collect(runs)
    prints, others = published(), repeats()
    known = {*prints["data"], *others["data"], *collection.runs["data"], *choices("data")} - {""}
    choose("data set", data, known)
    data = published_data(data)
    prints, others = prints[prints["data"] == data], others[others["data"] == data]
    runs_of_data = collection.runs[collection.runs["data"].map(published_data) == data]
    metrics = {*prints["metric"], *others["metric"], *runs_of_data["metric"]}
    if metric not in metrics:
        has = nearest(metric, sorted(metrics)) if metrics else "there are none yet, neither published nor measured"
        raise ConfigError("\n".join([f"no {metric} for {data}; {has}", *_left_out(collection.left_out)]))
    prints, others = prints[prints["metric"] == metric], others[others["metric"] == metric]
    own = over_seeds(runs_of_data[runs_of_data["metric"] == metric])
    facts = facts_of_runs(own, {metric: packaged_facts()[metric]} if len(prints) or len(others) else {})
    is_frontier = prints["source"] == FRONTIER
    chosen = (is_frontier & ("frontier" in include)) | (~is_frontier & ("published" in include))
    if since is not None:
        chosen &= pd.to_numeric(prints["year"], errors="coerce") >= since
    listed = publications(prints, others)
    alone = held_against_none(others, listed)
    # Repeats give no year, so any `since` leaves them out; they belong to the kind "frontier".
    alone = alone if since is None and "frontier" in include else alone[:0]
    own = own if "measured" in include else own[:0]
    dropped = int((~chosen).sum())
    notes = [f"{dropped} published numbers are not shown{_why(since, include)}."] if dropped else []
    train_rows = runs_of_data.groupby("folder")["num_train_rows"].first()
    own["train_rows"] = [tuple(train_rows.reindex(folders).dropna()) for folders in own["folders"]]
    shown = listed if chosen.all() else publications(prints[chosen], others)
    return Numbers(data, metric_column(metric, facts), shown, alone, own, facts, collection.left_out, notes)


def comparison(found: Numbers, top: int | None = None, one_line: bool = False) -> Table:
    """Return the table of these numbers.

    Blocks are never merged, because rows of different protocols or stores are not comparable. Within a block the best
    row is first. If others repeated a number under its protocol, their result stands beside it, and a footnote names
    them. Flags are short warnings about a number.

    Args:
        found: the numbers.
        top: largest number of rows of each block of published numbers.
        one_line: whether each row takes one line, for a narrow page: references are left out, and flags are footnotes.
    """
    column = found.column
    listed = published_blocks(found.prints, column)
    blocks = [*listed, *repeated_block(found.alone, column)]
    hidden = sum(max(0, len(block.rows) - top) for block in blocks) if top is not None else 0
    blocks = [Block(block.title, block.rows[:top]) for block in blocks]
    blocks = measured_blocks(found.own, column, found.facts) + blocks
    blocks = narrow(blocks, column) if one_line else blocks
    cells = [row.cells for block in blocks for row in block.rows]
    columns = [Column("from", "from"), column, Column("repeated", "repeated by others", column.unit)]
    columns = [one for one in (*columns, Column("flags", "flags")) if any(one.key in row for row in cells)]
    notes = [NOT_SAID] if listed else []
    notes += cautions(found.data) + found.notes + _reconstructed(found)
    notes += [f"Each published block shows its best {top}; rows not shown: {hidden}."] if hidden else []
    single = found.own[found.own["low"].notna()]
    if len(single) and not one_line:
        notes += [f"Intervals of single runs: 95 %, over {over(single['units'])}.", *few(single["units"])]
    return Table(found.title, columns, blocks, notes=notes + _left_out(found.left_out))


def _why(since: int | None, include: Collection[str]) -> str:
    reasons = [f"before {since} or without a year"] if since is not None else []
    reasons += [f"of another kind than {', '.join(include)}"] if set(include) < set(KINDS) else []
    return f": {'; '.join(reasons)}" if reasons else ""


def _reconstructed(found: Numbers) -> list[str]:
    return [note for method in dict.fromkeys(found.own["method"]) for note in reconstruction(method)]


def _left_out(left_out: list[LeftOut]) -> list[str]:
    reasons = Counter(entry.reason for entry in left_out)
    counts = ", ".join(f"{n} {reason}" for reason, n in sorted(reasons.items()))
    damaged = [str(entry.folder) for entry in left_out if entry.reason == DAMAGED]
    named = [f"{DAMAGED.capitalize()}: {', '.join(damaged[:MOST_NAMED])}{', ...' * (len(damaged) > MOST_NAMED)}."]
    return [f"Run folders left out: {counts}.", *(named if damaged else [])] if counts else []
