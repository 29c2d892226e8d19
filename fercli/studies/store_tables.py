"""The tables of one run on several stores: its numbers, and the differences on the samples that two stores share."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

from fercli.facts import Facts
from fercli.protocol import ELSEWHERE, Protocol
from fercli.runs.recorded import recorded_protocol
from fercli.studies.paired_runs import Paired
from fercli.studies.stores import AgainstFirst
from fercli.tables.columns import measured, metric_column
from fercli.tables.table import Block, Cell, Column, Row, Table

TESTS = "p is not corrected for the number of stores and metrics; it holds for this network, not for a new training."


def stores_tables(
    results: Sequence[Mapping[str, Any]], names: Sequence[str], compared: Sequence[AgainstFirst]
) -> list[Table]:
    """Return the numbers on each store, and the differences to the first store where stores share samples.

    Args:
        results: content of the `metrics.json` of each evaluation.
        names: of the stores.
        compared: every store but the first, compared with the first.
    """
    facts = {
        name: Facts.of(score, f"metrics.json: metric '{name}'")
        for result in results
        for name, score in result["metrics"].items()
    }
    columns = [metric_column(name, facts) for name in facts]
    rows = []
    for result, name in zip(results, names, strict=True):
        cells = {"samples": Cell(float(result["num_rows"]))}
        for metric, score in result["metrics"].items():
            ends = [measured(metric, score[end], facts) if end in score else None for end in ("low", "high")]
            cells[metric] = Cell(measured(metric, score["value"], facts), low=ends[0], high=ends[1])
        rows.append(Row(name, cells))
    protocols = [recorded_protocol(result) for result in results]
    notes = _notes(names, protocols)
    title = f"{results[0]['method']}, seed {results[0]['seed']}, on several stores [95 % interval over samples]"
    tables = [Table(title, [Column("samples", "samples", decimals=0), *columns], [Block("", rows)], "store", notes)]
    paired = [(name, one) for name, one in zip(names[1:], compared, strict=True) if one.tests]
    return [*tables, _differences(names[0], paired, facts)] if paired else tables


def _notes(names: Sequence[str], protocols: Sequence[Protocol]) -> list[str]:
    """Return how the faces of each store were cut out; the data set where there are several; once, that of training."""
    several = len({one.dataset for one in protocols}) > 1
    parts = [(one.crop or "crop not said").partition(ELSEWHERE) for one in protocols]
    notes = [
        f"{name}: {f'{one.dataset}, ' if several else ''}{crop}."
        for name, one, (crop, _, _) in zip(names, protocols, parts, strict=True)
    ]
    return notes + [f"Trained on: {crop}." for crop in dict.fromkeys(own for _, _, own in parts if own)]


def _differences(first: str, paired: Sequence[tuple[str, AgainstFirst]], facts: Mapping[str, Facts]) -> Table:
    columns = [
        Column("first", first),
        Column("here", "here"),
        Column("difference", "difference [95 %]"),
        Column("p", "p", decimals=3, is_probability=True),
        Column("test", "test"),
    ]
    blocks, notes = [], []
    for name, one in paired:
        blocks.append(Block(name, [_difference(test, facts) for test in one.tests]))
        if one.only_first or one.only_here:
            notes.append(
                f"{name}: {one.num_both:,} samples in both stores; {one.only_first:,} only in {first}, "
                f"{one.only_here:,} only in {name}."
            )
    same = [name for name, one in paired if not one.only_first and not one.only_here]
    notes += [f"The same samples as {first}: {', '.join(same)}."] if same else []
    title = f"Minus {first}, on the samples that both stores hold"
    return Table(title, columns, blocks, "metric", [*notes, TESTS])


def _difference(test: Paired, facts: Mapping[str, Facts]) -> Row:
    column = metric_column(test.metric, facts)

    def shown(value: float) -> float | None:
        return None if isnan(value) else measured(test.metric, value, facts)

    digits = column.decimals
    cells = {
        "first": Cell(shown(test.second), decimals=digits),
        "here": Cell(shown(test.first), decimals=digits),
        "difference": Cell(
            shown(test.first - test.second), low=shown(test.low), high=shown(test.high), decimals=digits
        ),
        "p": Cell(None if isnan(test.p) else test.p),
        "test": Cell(text=test.test),
    }
    return Row(f"{column.label} ({column.unit})" if column.unit else column.label, cells)
