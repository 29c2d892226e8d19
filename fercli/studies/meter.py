"""What choosing the epoch on test adds to a row, from runs that recorded the test metrics of each epoch."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from fercli.runs.folder import RunFolder
from fercli.studies.aggregate import Results
from fercli.tables.meter import WAYS, added


@dataclass(frozen=True, slots=True)
class Metered:
    """One metric of one row, by way of choosing the epoch; all arrays are (number of seeds,), in the column's unit."""

    chosen: np.ndarray
    last: np.ndarray
    best: np.ndarray
    higher_is_better: bool

    @property
    def added(self) -> np.ndarray:
        """What choosing on test adds, at least 0."""
        pairs = zip(self.chosen, self.best, strict=True)
        return np.array([added(chosen, best, self.higher_is_better) for chosen, best in pairs])

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % t interval of the mean of `added` over seeds; None for one seed."""
        return t_interval(self.added)

    @property
    def best_seed(self) -> float:
        """The value by the rule of the best seed."""
        return float(self.chosen.max() if self.higher_is_better else self.chosen.min())


def t_interval(values: np.ndarray) -> tuple[float, float] | None:
    """Return the 95 % interval of the mean of (n,) values by Student's t; None for fewer than two values."""
    if len(values) < 2:
        return None
    half = float(stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values)))
    return float(values.mean() - half), float(values.mean() + half)


def metered(results: Results, label: str, metric: str) -> Metered | None:
    """Return one metric of one row over the seeds whose runs have a meter; None where no run has one."""
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for folder in results.folders(label).values():
        recorded = RunFolder(folder).read_metrics().get("meter", {})
        if not isinstance(recorded, Mapping) or not isinstance(recorded.get(metric), Mapping):
            continue
        for way in WAYS:
            found[way].append(float(recorded[metric][way]))
    if not found["chosen"]:
        return None
    facts = results.facts[metric]
    arrays = {way: facts.scale * np.array(values) for way, values in found.items()}
    return Metered(**arrays, higher_is_better=facts.higher_is_better)
