"""The tables of one run: its metrics, and its results per class."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import binomtest

from fercli.facts import Facts
from fercli.intervals import interval_notes, recorded_units
from fercli.metrics.classification import per_class_from
from fercli.tables.columns import KnownFacts, measured, metric_column
from fercli.tables.table import Block, Cell, Column, Row, Table
from fercli.tables.twins import twins_in_words

WILSON = "Intervals of recall are Wilson's, with images taken as independent: too narrow where people have several."


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


def per_class_table(matrix: np.ndarray, classes: Sequence[str], title: str = "per class") -> Table:
    """Return a table with a row per class: images; recall with a 95 % Wilson interval, precision and F1 in percent.

    Args:
        matrix: (K, K) counts, true class by row.
        classes: K names.
        title: title of the table.
    """
    scores = per_class_from(matrix)
    low, high = wilson_interval(np.diagonal(matrix), scores["num_samples"])
    rows = []
    for i, name in enumerate(classes):
        recall, precision, f1 = (_percent(scores[key][i]) for key in ("recall", "precision", "f1"))
        cells = {
            "images": Cell(float(scores["num_samples"][i])),
            "recall": Cell(recall, low=_percent(low[i]), high=_percent(high[i])),
            "precision": Cell(precision),
            "f1": Cell(f1),
        }
        rows.append(Row(name, cells))
    columns = [
        Column("images", "images", decimals=0),
        Column("recall", "recall", "%", decimals=1),
        Column("precision", "precision", "%", decimals=1),
        Column("f1", "F1", "%", decimals=1),
    ]
    return Table(title, columns, [Block("", rows)], label="class", notes=(WILSON,))


def wilson_interval(hits: np.ndarray, totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of a share, (K,) low and high in [0, 1]; NaN where the total is 0. Source: Wilson 1927."""
    ends = np.full((2, len(hits)), np.nan)
    for i, (hit, total) in enumerate(zip(hits, totals, strict=True)):
        if total > 0:
            interval = binomtest(int(hit), int(total)).proportion_ci(0.95, method="wilson")
            ends[:, i] = interval.low, interval.high
    return ends[0], ends[1]


def _percent(share: float) -> float | None:
    return None if np.isnan(share) else 100 * float(share)
