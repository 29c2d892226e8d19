"""What each way of choosing the epoch gives: a table of one run that was trained with `selection.meter=true`."""

from collections.abc import Mapping
from typing import Any

from fercli.facts import Facts
from fercli.tables.columns import measured, metric_column
from fercli.tables.table import Block, Cell, Column, Row, Table

WAYS = ("chosen", "last", "best")


def meter_table(result: Mapping[str, Any]) -> Table | None:
    """Return a row per metric: its value by the rule, at the last epoch, and at the best epoch on test.

    Args:
        result: the content of a `metrics.json`.

    Returns:
        None for a run without a meter.
    """
    recorded = result.get("meter", {})
    facts = {name: Facts.of(score, f"metrics.json: metric '{name}'") for name, score in result["metrics"].items()}
    rows = []
    for name in (name for name in recorded if name in facts):
        column = metric_column(name, facts)
        values = {way: measured(name, float(recorded[name][way]), facts) for way in WAYS}
        values["added"] = added(values["chosen"], values["best"], facts[name].higher_is_better)
        cells = {way: Cell(value, decimals=column.decimals) for way, value in values.items()}
        cells["epoch"] = Cell(text=f"epoch {int(recorded[name]['best_epoch'])}")
        rows.append(Row(f"{column.label} ({column.unit})" if column.unit else column.label, cells))
    if not rows:
        return None
    columns = [
        Column("chosen", "by the rule"),
        Column("last", "last epoch"),
        Column("best", "best on test"),
        Column("epoch", "found at"),
        Column("added", "choosing on test adds"),
    ]
    notes = (
        f"The rule of this run gave epoch {int(result['chosen_epoch'])}. A value that is chosen on test is the best of "
        "several noisy numbers.",
    )
    return Table("selection meter", columns, [Block("", rows)], label="metric", notes=notes)


def added(chosen: float, best: float, higher_is_better: bool) -> float:
    """Return how much better the best value is than the chosen one, at least 0 in the direction of the metric."""
    return best - chosen if higher_is_better else chosen - best
