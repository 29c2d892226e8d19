"""The predictions for the rows of one split, and their metrics."""

from dataclasses import dataclass
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
        votes: the agreement of the annotators and the error by their entropy, as `fercli.engine.votes` gives them; None
            where the rows have no votes.
    """

    columns: dict[str, np.ndarray]
    metrics: dict[str, dict[str, Any]]
    classes: tuple[str, ...]
    split: str
    without_twins: dict[str, Any] | None = None
    votes: dict[str, Any] | None = None
