"""The table of the results per class of one run."""

from collections.abc import Sequence

import numpy as np

from fercli.intervals import kinds_in_words
from fercli.metrics.bootstrap import Interval
from fercli.metrics.classification import confusion_matrix, per_class_from
from fercli.metrics.metric import Columns
from fercli.metrics.shares import shares_by_group
from fercli.metrics.units import units_of
from fercli.tables.table import Block, Cell, Column, Row, Table


def per_class_table(columns: Columns, classes: Sequence[str], title: str = "per class") -> Table:
    """Return a table with a row per class: images; recall with a 95 % interval, precision and F1 in percent.

    Where images are not independent, it counts the subjects or videos of each class, too.

    Args:
        columns: of rows that all have a class.
        classes: K names.
        title: title of the table.
    """
    scores = per_class_from(confusion_matrix(columns["expression"], columns["probabilities"]))
    intervals = recall_intervals(columns, len(classes))
    kinds = units_of(columns, np.arange(len(columns["expression"]))).counts
    rows = []
    for i, (name, interval) in enumerate(zip(classes, intervals, strict=True)):
        recall, precision, f1 = (_percent(scores[key][i]) for key in ("recall", "precision", "f1"))
        cells = {
            "images": Cell(float(scores["num_samples"][i])),
            "units": Cell(float(sum(interval.units.values()))),
            "recall": Cell(recall, low=_percent(interval.low), high=_percent(interval.high)),
            "precision": Cell(precision),
            "f1": Cell(f1),
        }
        rows.append(Row(name, cells))
    alone = set(kinds) == {"row"}
    counted = [Column("images", "images", decimals=0)]
    counted += [] if alone else [Column("units", kinds_in_words(kinds), decimals=0)]
    shares = [Column(key, label, "%", decimals=1) for key, label in (("recall", "recall"), ("precision", "precision"))]
    shares.append(Column("f1", "F1", "%", decimals=1))
    over = "samples, taken as independent" if alone else f"the {kinds_in_words(kinds)} of each class"
    note = f"95 % intervals of recall are Wilson's, over {over}."
    return Table(title, [*counted, *shares], [Block("", rows)], label="class", notes=(note,))


def recall_intervals(columns: Columns, num_classes: int) -> list[Interval]:
    """Return the 95 % interval of the recall of each class; `columns` are of rows that all have a class."""
    right = columns["probabilities"].argmax(axis=1) == columns["expression"]
    return shares_by_group(right, columns["expression"], num_classes, columns)


def _percent(share: float) -> float | None:
    return None if np.isnan(share) else 100 * float(share)
