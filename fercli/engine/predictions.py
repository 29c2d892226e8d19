"""The predictions for the rows of one split, and their metrics."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Evaluation:
    """Predictions and metrics of a run on one split.

    Attributes:
        columns: those of `PredictionTable`, without the rows that carry no label at all.
        metrics: the metrics that the labels allow, by name: `value`, `low` and `high` of the 95 % interval over samples
            (where the metric has an interval), and its facts.
        classes: names in the order of the probabilities.
        without_twins: the metrics over the samples without a twin in training, as `fercli.engine.twins` gives them;
            None where no twins were looked for.
        groups: the metrics by group, as `fercli.metrics.groups.by_groups` gives them.
        divisions: names of the columns with the groups of the samples.
    """

    columns: dict[str, np.ndarray]
    metrics: dict[str, dict[str, Any]]
    classes: tuple[str, ...]
    split: str
    without_twins: dict[str, Any] | None = None
    groups: dict[str, Any] = field(default_factory=lambda: {"by": {}})
    divisions: tuple[str, ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        """What `metrics.json` holds besides the metrics over all samples."""
        apart = {} if self.without_twins is None else {"without_twins": self.without_twins}
        return apart | ({"groups": self.groups} if self.groups["by"] else {})
