"""The table of what choosing the epoch on test adds to the rows of a study, and what it could explain of a claim."""

from collections.abc import Sequence

import numpy as np

from fercli.studies.aggregate import Results
from fercli.studies.meter import Metered, metered
from fercli.studies.printed import published_number
from fercli.tables.layout import number
from fercli.tables.meter import WAYS
from fercli.tables.table import Block, Cell, Column, Row, Table

COLUMNS = {
    "chosen": "by the rule",
    "last": "last epoch",
    "best": "best on test",
    "added": "choosing on test adds",
    "best_seed": "best seed",
}
NOTE = (
    "Values: mean ± standard deviation over seeds. Choosing on test adds: the best epoch on test minus the epoch of "
    "the rule, mean over seeds [95 % t interval over seeds]. Best seed: the best of all seeds by the rule, as some "
    "papers print it."
)


def meter_table(results: Results) -> Table | None:
    """Return a block per metric with a row per trained row; None where no run has a meter."""
    blocks = []
    for metric in results.plan.study.metrics:
        column = results.column(metric)
        rows = [
            Row(label, _cells(found, column.decimals))
            for label in results.labels
            if (found := metered(results, label, metric)) is not None
        ]
        if rows:
            blocks.append(Block(f"{column.label} ({column.unit})" if column.unit else column.label, rows))
    if not blocks:
        return None
    columns = [Column(key, label) for key, label in COLUMNS.items()]
    return Table("Selection meter", columns, blocks, notes=(NOTE, *explained(results)))


def explained(results: Results) -> list[str]:
    """Say, for each claim whose difference is printed, how much of it choosing on test alone could explain."""
    study = results.plan.study
    rows = {row.label: row for row in study.rows}
    sentences = []
    for claim in study.claims:
        printed = [published_number(study, rows[label], claim.metric) for label in (claim.better, claim.worse)]
        found = metered(results, claim.better, claim.metric) if claim.better in results.labels else None
        if found is None or printed[0] is None or printed[1] is None:
            continue
        column = results.column(claim.metric)
        gap, gain = abs(printed[0] - printed[1]), number(float(found.added.mean()), column.decimals)
        ends = found.interval
        spread = f" ± {number((ends[1] - ends[0]) / 2, column.decimals)}" if ends else " (one seed)"
        unit = " points" if column.unit == "%" else ""
        sentences.append(
            f"Of the {number(gap, column.decimals)}{unit} that {study.source} prints between {claim.better} and "
            f"{claim.worse} ({column.label}), choosing the epoch of {claim.better} on test could explain "
            f"{gain}{spread}."
        )
    return sentences


def _cells(found: Metered, decimals: int) -> dict[str, Cell]:
    def mean(values: np.ndarray, ends: Sequence[float] | None = None) -> Cell:
        n, sd = len(values), float(values.std(ddof=1)) if len(values) > 1 else None
        low, high = ends or (None, None)
        return Cell(float(values.mean()), sd=sd if ends is None else None, n=n, low=low, high=high, decimals=decimals)

    cells = {way: mean(getattr(found, way)) for way in WAYS} | {"added": mean(found.added, found.interval)}
    return cells | {"best_seed": Cell(found.best_seed, decimals=decimals)}
