"""Metrics by group of rows: values with intervals, the gap between the worst and the best group, groups too small."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from fercli.metrics.bootstrap import bootstrap_intervals
from fercli.metrics.cells import Cells
from fercli.metrics.counts import from_counts
from fercli.metrics.gaps import Gaps, gaps
from fercli.metrics.metric import Columns, LabelledRows, Metric
from fercli.metrics.pseudo_values import Share, pseudo_values
from fercli.ops.group_names import column_of, in_order, parts_of
from fercli.ops.holm import holm

# A group with fewer has no number. With 20 samples, the 95 % interval of a share is up to 22 points wide on each side.
FEWEST_SAMPLES = 20
FEWEST_UNITS = 10  # fewer units give no interval that can be trusted
UNITS = ("subject", "video", "row")  # what is independent: the first of them that is known
# Units whose rows all lie in one group by this column; there, the next smaller unit is taken.
WITHIN = {"subject": ("subject",), "session": ("subject",), "video": ("subject", "video")}
# Metrics of these columns are of a whole split: of a search among all images, or of times.
OF_ALL = ("feature", "role", "seconds")
MOST_PAIRS = 45  # of ten groups; the differences of more are not recorded one by one


@dataclass(frozen=True)
class Units:
    """What is independent of the rest: its kind, and the name of the unit of each row, (n,)."""

    kind: str
    names: np.ndarray

    @classmethod
    def of(cls, columns: Columns, by: str) -> "Units":
        """Choose the units of the rows for groups by a description; a row without a name is a unit of its own."""
        named = {part for name, _ in parts_of(by) for part in WITHIN.get(name, ())}
        known = [kind for kind in UNITS[:2] if kind in columns and any(name is not None for name in columns[kind])]
        kind = next((kind for kind in known if kind not in named), UNITS[-1])
        own = columns.get(kind, np.full(len(columns["id"]), None, dtype=object))
        named_rows = zip(columns["id"], own, strict=True)
        return cls(kind, np.array([f"row {row}" if name is None else f"{kind} {name}" for row, name in named_rows]))


def first_rows(metric: LabelledRows, columns: Columns) -> np.ndarray:
    """(m,) place of each sample of a metric: of its row, or of a row of the video or sitting that it stands for."""
    places = {name: row for row, name in enumerate(columns["id"])}
    if metric.per != "row":
        places = {f"row {name}": row for name, row in places.items()}
        for kind in ("session", "video"):
            places |= {f"{kind} {name}": row for row, name in enumerate(columns.get(kind, ()))}
    return np.array([places[name] for name in metric.samples(columns)], dtype=np.int64)


def divided(metrics: Mapping[str, Metric]) -> dict[str, Metric]:
    """Return the metrics that are computed by group."""
    return {name: one for name, one in metrics.items() if not one.by and not set(OF_ALL) & set(one.reads)}


def first_metrics(metrics: Mapping[str, Metric]) -> dict[str, Metric]:
    """Return the metrics whose gaps are tested: the first one for each label, in the order of the configuration."""
    first: dict[tuple[str, ...], str] = {}
    for name, metric in metrics.items():
        if metric.has_interval:
            first.setdefault(tuple(metric.reads), name)
    return {name: metrics[name] for name in first.values()}


def by_groups(metrics: Mapping[str, Metric], columns: Columns, by: Sequence[str]) -> dict[str, Any]:
    """Compute metrics by group, for each description of groups, for `metrics.json`.

    Args:
        metrics: those that are possible on all rows.
        columns: of the prediction table. `column_of` each description names the group of each row, None where it is
            not known.
        by: descriptions, see `fercli.ops.group_names`. Those without a known group are left out.

    Returns:
        `fewest_samples`, `fewest_units`, `tested` (names of metrics) and `by`, with `unit`, `num_unknown` (rows),
        `groups` and `gaps` of each description. Each group has `num_rows`, `num_units` and `metrics`: `num_samples` and
        `num_units` that count, with `value`, `low`, `high`, or with the `reason` why there is no value. Each gap has
        the `worst` and the `best` group and the `gap` between them, at least 0; a tested one also `low`, `high`, `p`,
        `p_holm` (for all tests of all descriptions), `design`, `num_units`, and the `pairs`.
    """
    used = divided(metrics)
    found = {
        one: _divided_by(used, columns, one) for one in by if any(name is not None for name in columns[column_of(one)])
    }
    tested = [gap for one in found.values() for gap in one["gaps"].values() if "p" in gap]
    for gap, p in zip(tested, holm([gap["p"] for gap in tested]), strict=True):
        gap["p_holm"] = p
    rule = {"fewest_samples": FEWEST_SAMPLES, "fewest_units": FEWEST_UNITS}
    return rule | {"tested": list(first_metrics(used)), "by": found}


def rows_of(columns: Columns, by: str) -> dict[str, dict[str, np.ndarray]]:
    """Return the columns of the rows of each group, in the order of tables."""
    group = columns[column_of(by)]
    names = in_order({name for name in group if name is not None})
    return {name: {key: column[group == name] for key, column in columns.items()} for name in names}


def recorded_values(
    groups: Mapping[str, Any], columns: Columns
) -> list[tuple[str, dict[str, float], dict[str, np.ndarray]]]:
    """Return each group in words, its recorded values by metric, and the columns of its rows, to compute them again.

    Args:
        groups: of `by_groups`.
        columns: of `predictions.parquet`, which holds the groups of the rows.
    """
    found = []
    for by, one in groups["by"].items():
        rows = rows_of(columns, by)
        for name, group in one["groups"].items():
            scores = group["metrics"].items()
            values = {metric: float(score["value"]) for metric, score in scores if "value" in score}
            found.append((f"{name} by {by}", values, rows[name]))
    return found


def _divided_by(metrics: Mapping[str, Metric], columns: Columns, by: str) -> dict[str, Any]:
    units = Units.of(columns, by)
    # A resample draws the units that these columns name: without those that are too large for the groups.
    larger = UNITS[: UNITS.index(units.kind)]
    columns = {name: column for name, column in columns.items() if name not in larger} | {"_unit": units.names}
    groups = rows_of(columns, by)
    numbers = {}
    for name, rows in groups.items():
        values = _values(metrics, rows)
        counts = {"num_rows": len(rows["id"]), "num_units": len(np.unique(rows["_unit"]))}
        numbers[name] = counts | {"metrics": values}
    unknown = int(sum(name is None for name in columns[column_of(by)]))
    return {
        "unit": units.kind,
        "num_unknown": unknown,
        "groups": numbers,
        "gaps": dict(_gaps(metrics, groups, numbers)),
    }


def _values(metrics: Mapping[str, Metric], rows: Columns) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, metric in metrics.items():
        own = rows["_unit"][first_rows(metric, rows)] if metric.is_possible(rows) else np.empty(0)
        found[name] = {"num_samples": len(own), "num_units": len(np.unique(own))}
        if reason := _too_small(**found[name]):
            found[name]["reason"] = reason
    values = {name: metric(rows) for name, metric in metrics.items() if "reason" not in found[name]}
    defined = {name: metrics[name] for name, value in values.items() if not np.isnan(value)}
    intervals = bootstrap_intervals(defined, rows)
    for name, value in values.items():
        found[name] |= {"reason": "not defined for these rows"} if np.isnan(value) else {"value": value}
        if name in intervals:
            found[name] |= intervals[name].document()
    return found


def _too_small(num_samples: int, num_units: int) -> str:
    """Return why a group is too small for a number; empty where it is large enough."""
    if num_samples < FEWEST_SAMPLES:
        return f"fewer than {FEWEST_SAMPLES} samples"
    return f"fewer than {FEWEST_UNITS} units" if num_units < FEWEST_UNITS else ""


def _gaps(metrics: Mapping[str, Metric], groups: Mapping[str, Columns], numbers: Mapping[str, Any]) -> Any:
    """Yield name and gap of each metric that two groups have a value of."""
    tested = first_metrics(metrics)
    for name, metric in metrics.items():
        known = {one: numbers[one]["metrics"][name] for one in groups if "value" in numbers[one]["metrics"][name]}
        if len(known) < 2:
            continue
        order = sorted(known, key=lambda one: known[one]["value"], reverse=metric.higher_is_better)
        best, worst = order[0], order[-1]
        gap = {"worst": worst, "best": best, "gap": abs(known[best]["value"] - known[worst]["value"])}
        if name in tested and (test := _test(metric, [groups[one] for one in known])) is not None:
            gap |= _recorded(test, list(known), best, worst, metric.higher_is_better)
        yield name, gap


def _test(metric: Metric, groups: Sequence[Columns]) -> Gaps | None:
    units = [rows["_unit"][first_rows(metric, rows)] for rows in groups]
    return gaps(*pseudo_values([_share(metric, rows) for rows in groups], units))


def _share(metric: Metric, rows: Columns) -> Share:
    """Return the metric of some samples of a group as a function of their places; counted only once where possible."""
    values = metric.rows(rows)
    if (of_counts := from_counts(metric.function)) is not None:
        cells = Cells.of(values)
        return lambda places: float(of_counts(cells.matrix(places))) if len(places) else np.nan
    return partial(_value, metric, values)


def _value(metric: Metric, values: tuple[np.ndarray, ...], places: np.ndarray) -> float:
    return float(metric.function(*(value[places] for value in values))) if len(places) else np.nan


def _recorded(test: Gaps, names: Sequence[str], best: str, worst: str, higher_is_better: bool) -> dict[str, Any]:
    """Return the test of a column, with the interval of its gap, which is positive for the best and the worst group."""
    pairs = [asdict(pair) | {"first": names[pair.first], "second": names[pair.second]} for pair in test.pairs]
    widest = next((pair for pair in pairs if {pair["first"], pair["second"]} == {best, worst}), None)
    assert widest is not None
    ends = [widest["low"], widest["high"]]
    if (widest["first"] == best) != higher_is_better:
        ends = [-end for end in reversed(ends)]
    return {
        "low": ends[0],
        "high": ends[1],
        "p": test.p,
        "design": test.design,
        "num_units": test.num_units,
        "pairs": pairs if len(pairs) <= MOST_PAIRS else [],
    }
