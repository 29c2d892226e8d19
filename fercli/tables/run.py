"""The table of the metrics of one run, and sentences below it."""

from collections.abc import Mapping, Sequence
from typing import Any

from fercli.facts import Facts
from fercli.interval_notes import interval_notes
from fercli.intervals import recorded_units
from fercli.tables.columns import KnownFacts, measured, metric_column
from fercli.tables.table import Block, Cell, Column, Row, Table
from fercli.tables.twins import twins_in_words


def metrics_table(
    metrics: Mapping[str, Mapping[str, Any]],
    title: str = "metrics",
    constants: Mapping[str, Mapping[str, Any]] | None = None,
    notes: Sequence[str] = (),
    without_twins: Mapping[str, Any] | None = None,
    on_all: Mapping[str, Any] | None = None,
) -> Table:
    """Return a table with a row per metric: value and its 95 % interval, if it has one; notes say what it is over.

    Where samples have a twin in training, a second block holds the metrics without these samples. Where a run and a
    store have different classes, another block holds the metrics on all of them.

    Args:
        metrics: the `metrics` of a `metrics.json`.
        title: title of the table.
        constants: the `constant_predictor` of the `metrics.json`; every error of a score is shown beside the error of
            one constant score for everybody.
        notes: sentences below the table.
        without_twins: this entry of the `metrics.json`, if it has one.
        on_all: the `metrics.json` of the evaluation on all classes, if there is one.
    """
    facts = {name: Facts.of(score, f"metrics.json: metric '{name}'") for name, score in metrics.items()}
    columns = {name: metric_column(name, facts) for name in metrics}
    rows = _scores(metrics, facts)
    for center, constant in (constants or {}).items():
        for name, error in constant["errors"].items():
            column = columns[name]
            label = f"{column.label} of the training {center} ({constant['score']:.1f}) for everybody"
            rows.append(Row(label, {"value": Cell(measured(name, error, facts), decimals=column.decimals)}))
    apart = without_twins or {"metrics": {}}
    blocks = [Block("", rows)]
    if known := {name: score for name, score in apart["metrics"].items() if name in facts}:
        blocks.append(Block(f"on the {apart['num_rows']:,} samples without a twin in training", _scores(known, facts)))
    if on_all is not None and (known := {name: score for name, score in on_all["metrics"].items() if name in facts}):
        blocks.append(Block(f"on all classes, {on_all['num_rows']:,} samples", _scores(known, facts)))
    said = [*intervals_in_words(metrics), *([twins_in_words(without_twins)] if without_twins else [])]
    return Table(title, [Column("value", "value [95 % interval]")], blocks, label="metric", notes=[*notes, *said])


def intervals_in_words(metrics: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """Return sentences on what the intervals in the `metrics` of a `metrics.json` are over."""
    return interval_notes(
        {
            str(score["label"]): recorded_units(score, f"metrics.json: metric '{name}'")
            for name, score in metrics.items()
            if "low" in score or "units" in score
        }
    )


def not_computed_in_words(result: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each reason why metrics of a `metrics.json` have no value, with their number and labels."""
    found: dict[str, list[str]] = {}
    for label, reason in result.get("not_computed", {}).items():
        found.setdefault(str(reason), []).append(str(label))
    return [
        f"{len(labels)} {'metric is' if len(labels) == 1 else 'metrics are'} left out, because {reason}: "
        f"{', '.join(labels)}."
        for reason, labels in found.items()
    ]


def _scores(metrics: Mapping[str, Mapping[str, Any]], facts: KnownFacts) -> list[Row]:
    """Return a row for each metric with its interval."""
    rows = []
    for name, score in metrics.items():
        ends = (measured(name, score[end], facts) if end in score else None for end in ("value", "low", "high"))
        value, low, high = ends
        column = metric_column(name, facts)
        label = f"{column.label} ({column.unit})" if column.unit else column.label
        rows.append(Row(label, {"value": Cell(value, low=low, high=high, decimals=column.decimals)}))
    return rows
