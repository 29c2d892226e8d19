"""The predictions for the rows of one split, and their metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Evaluation:
    """Predictions and metrics of a run on one split.

    Attributes:
        columns: those of `PredictionTable`, without the rows that carry no label at all.
        metrics: the metrics that the labels allow, by name: `value`, `low` and `high` of its 95 % interval and `units`,
            the number of what the interval draws by kind (where the metric has an interval), and its facts.
        classes: names in the order of the probabilities.
        known: classes that the network knows, in the order of its outputs; None: those in `classes`.
        left_out: number of rows of each class that the network does not know; they are not in `columns`.
        without_twins: the metrics over the samples without a twin in training, as `fercli.engine.twins` gives them;
            None where no twins were looked for.
        groups: the metrics by group, as `fercli.metrics.groups.by_groups` gives them.
        divisions: names of the columns with the groups of the samples.
        votes: the agreement of the annotators and the error by their entropy, as `fercli.engine.votes` gives them; None
            where the rows have no votes.
        not_computed: label of each metric that has no value here, to the reason.
    """

    columns: dict[str, np.ndarray]
    metrics: dict[str, dict[str, Any]]
    classes: tuple[str, ...]
    split: str
    without_twins: dict[str, Any] | None = None
    groups: dict[str, Any] = field(default_factory=lambda: {"by": {}})
    divisions: tuple[str, ...] = ()
    known: tuple[str, ...] | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    votes: dict[str, Any] | None = None
    not_computed: Mapping[str, str] = field(default_factory=dict)

    @property
    def document(self) -> dict[str, Any]:
        """What `metrics.json` holds besides the metrics over all samples."""
        found = {"votes": self.votes, "without_twins": self.without_twins}
        found["groups"] = self.groups if self.groups["by"] else None
        found["not_computed"] = dict(self.not_computed) or None
        return {name: content for name, content in found.items() if content is not None}

    @property
    def network_classes(self) -> tuple[str, ...]:
        """Names of the classes in the order of the network's outputs."""
        return self.classes if self.known is None else self.known

    @property
    def outputs(self) -> np.ndarray:
        """(K,) int64 number of the network's output for each of `classes`."""
        place = {name: i for i, name in enumerate(self.network_classes)}
        return np.array([place[name] for name in self.classes], dtype=np.int64)
