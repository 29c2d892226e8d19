"""Metrics over the evaluated samples without a twin in training."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from fercli.metrics.bootstrap import bootstrap_intervals
from fercli.metrics.metric import Metric


def without_twins(
    metrics: Mapping[str, Metric], columns: Mapping[str, np.ndarray], checked: tuple[str, ...]
) -> dict[str, Any]:
    """Compute metrics over the samples without a twin in training, for `metrics.json`.

    Args:
        metrics: those that are possible on all samples.
        columns: of the prediction table, with `has_twin`.

    Returns:
        `checked`, `num_twins`, `num_rows` (samples without a twin) and `metrics`: value and interval by name. It is
        empty where no sample has a twin, since then the metrics are those of all samples.
    """
    has_twin = columns["has_twin"]
    kept = {name: column[~has_twin] for name, column in columns.items()}
    found: dict[str, Any] = {}
    if has_twin.any():
        possible = {name: metric for name, metric in metrics.items() if metric.is_possible(kept)}
        intervals = bootstrap_intervals(possible, kept)
        for name, metric in possible.items():
            found[name] = {"value": metric(kept)}
            if name in intervals:
                found[name] |= intervals[name].document()
    counts = {"num_twins": int(has_twin.sum()), "num_rows": int((~has_twin).sum())}
    return {"checked": list(checked)} | counts | {"metrics": found}
