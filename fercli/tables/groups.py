"""The tables of one run by group of rows, and the same numbers for other programs."""

from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

from fercli.facts import Facts
from fercli.spreadsheet import SpreadsheetWriter
from fercli.tables.columns import KnownFacts, measured, metric_column
from fercli.tables.table import Block, Cell, Column, Row, Table

CSV_COLUMNS = ("by", "group", "unit", "metric", "num_samples", "num_units", "value", "low", "high", "reason")


def group_tables(result: Mapping[str, Any]) -> list[Table]:
    """Return the metrics by group, and the gaps between groups; nothing for a run without groups.

    The tested metrics are shown, and those without an interval, such as the calibration error. The file of
    `groups_csv` holds all.

    Args:
        result: content of a `metrics.json`.
    """
    groups = result.get("groups", {"by": {}})
    facts = {name: Facts.of(score, f"metrics.json: metric '{name}'") for name, score in result["metrics"].items()}
    shown = [name for name in facts if name in shown_metrics(groups)]
    if not groups["by"] or not shown:
        return []
    columns = [Column("samples", "samples", decimals=0), Column("units", "units", decimals=0)]
    for name in shown:
        column = metric_column(name, facts)
        columns.append(Column(name, column.label, column.unit, decimals=column.decimals))
    whole = {name: _value(name, result["metrics"][name], facts) for name in shown}
    blocks = [Block("", [Row("all", {"samples": Cell(float(result["num_rows"]))} | whole)])]
    for by, one in groups["by"].items():
        rows = [Row(name, _cells(group, shown, facts)) for name, group in one["groups"].items()]
        if one["num_unknown"]:
            rows.append(Row("not known", {"samples": Cell(float(one["num_unknown"]))}))
        blocks.append(Block(f"by {by}; units: {one['unit']}s", rows))
    rule = (
        f"A dash: fewer than {groups['fewest_samples']} samples, or fewer than {groups['fewest_units']} units, say too "
        "little. Brackets: 95 % intervals."
    )
    gaps = _gaps(groups, facts)
    return [Table("by group", columns, blocks, label="group", notes=[rule]), *([] if gaps is None else [gaps])]


def shown_metrics(groups: Mapping[str, Any]) -> list[str]:
    """Return the metrics that tables and figures show: those whose gaps are tested, and those without an interval."""
    numbers = [one["metrics"] for by in groups["by"].values() for one in by["groups"].values()]
    names = dict.fromkeys(name for metrics in numbers for name in metrics)
    known = {name: [one[name] for one in numbers if "value" in one[name]] for name in names}
    return [
        name
        for name, values in known.items()
        if name in groups["tested"] or (values and not any("low" in one for one in values))
    ]


def groups_csv(result: Mapping[str, Any]) -> str:
    """Return all metrics of all groups, a line for each; values as in `metrics.json`: fractions, not percent."""
    out = StringIO(newline="")
    SpreadsheetWriter(out, CSV_COLUMNS).write(_lines(result["groups"]))
    return out.getvalue()


def _lines(groups: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for by, one in groups["by"].items():
        for name, group in one["groups"].items():
            for metric, score in group["metrics"].items():
                yield {"by": by, "group": name, "unit": one["unit"], "metric": metric} | score


def _value(name: str, score: Mapping[str, Any], facts: KnownFacts) -> Cell:
    value, low, high = (measured(name, score[end], facts) if end in score else None for end in ("value", "low", "high"))
    return Cell(value, low=low, high=high)


def _cells(group: Mapping[str, Any], shown: list[str], facts: KnownFacts) -> dict[str, Cell]:
    cells = {"samples": Cell(float(group["num_rows"])), "units": Cell(float(group["num_units"]))}
    return cells | {name: _value(name, group["metrics"][name], facts) for name in shown if name in group["metrics"]}


def _gaps(groups: Mapping[str, Any], facts: KnownFacts) -> Table | None:
    """Return a row for each tested gap: the worst and the best group with their numbers, the gap and its p."""
    rows = []
    for by, one in groups["by"].items():
        for name, gap in one["gaps"].items():
            if "p" not in gap:
                continue
            column, values = metric_column(name, facts), {end: one["groups"][gap[end]] for end in ("worst", "best")}
            cells = {
                end: Cell(measured(name, group["metrics"][name]["value"], facts), decimals=column.decimals)
                for end, group in values.items()
            }
            value, low, high = (measured(name, gap[end], facts) for end in ("gap", "low", "high"))
            cells["gap"] = Cell(value, low=low, high=high, decimals=column.decimals)
            cells |= {"p": Cell(gap["p"]), "p_holm": Cell(gap["p_holm"])}
            unit = f" ({column.unit})" if column.unit else ""
            rows.append(Row(f"{column.label}{unit} by {by}: {gap['worst']} and {gap['best']}", cells))
    if not rows:
        return None
    columns = [Column("worst", "worst"), Column("best", "best"), Column("gap", "gap [95 %]")]
    columns += [
        Column("p", "p", decimals=3, is_probability=True),
        Column("p_holm", "p (Holm)", decimals=3, is_probability=True),
    ]
    note = (
        "p: no two groups of the column differ, by permutations and resamples of units; Holm: corrected for all rows "
        "of this table. The intervals of all pairs of a column hold together."
    )
    return Table("gaps between groups", columns, [Block("", rows)], label="worst and best group", notes=[note])
