"""What choosing the epoch on test would have added: the metrics of the evaluation split after each epoch.

The meter changes no result. The rule of the run never sees what it records.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fercli.datasets.splits import chooses_epoch
from fercli.metrics.metric import Metric


def meter_facts(
    rows: Sequence[Mapping[str, float]], metrics: Mapping[str, Metric], rule: str, best_epoch: float | None
) -> dict[str, Any]:
    """Return the chosen epoch and what each way of choosing would have given, for `metrics.json`.

    Args:
        rows: of `history.csv`, with `epoch` from 1 and `test/<metric>`; rule `paper` reads `val/<metric>`.
        best_epoch: the epoch (from 1) that the rule chose; None for a rule that takes the weights of the last step.

    Returns:
        `chosen_epoch` (from 1) and `meter`: for each metric its value at the `chosen` epoch, at the `last`, and the
        `best` of all epochs with its `best_epoch` (from 1), as fractions where the metric is a fraction. No `meter`
        where no epoch was recorded.
    """
    split = "val" if rule == "paper" else "test"
    last = int(rows[-1]["epoch"])
    chosen = int(best_epoch) if chooses_epoch(rule) and best_epoch is not None else last
    found: dict[str, dict[str, float]] = {}
    for name, metric in metrics.items():
        values = {int(row["epoch"]): row.get(f"{split}/{name}", math.nan) for row in rows}
        values = {epoch: value for epoch, value in values.items() if math.isfinite(value)}
        if not {chosen, last} <= values.keys():
            continue
        best = (max if metric.facts.higher_is_better else min)(values, key=values.__getitem__)
        found[name] = {"chosen": values[chosen], "last": values[last], "best": values[best], "best_epoch": best}
    return {"chosen_epoch": chosen} | ({"meter": found} if found else {})
