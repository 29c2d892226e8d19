"""What a figure of a run is drawn from, as its module says in `NEEDS`. Predictions of others lack some of it."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Protocol

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.figure import NamedFigure


class Needs(Enum):
    """What must be there; the value says it in words."""

    PREDICTIONS = "labels and predictions; of the probabilities, only which class has the largest one"
    PROBABILITIES = "labels and predictions, and how large the probability of a class is"
    RUN = "the network, the training or its images"

    def met_by(self, result: Mapping[str, Any]) -> bool:
        """Return whether an evaluation has it. Others who name a class alone do not say how probable it is.

        Args:
            result: content of the `metrics.json` of the evaluation.
        """
        if "external" not in result:
            return True
        return self is Needs.PREDICTIONS or (self is Needs.PROBABILITIES and result["external"]["kind"] != "class")


class FigureModule(Protocol):
    """A module with figures of a run."""

    NEEDS: Needs

    def of_run(self, evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
        """Yield the figures that the run has data for, and nothing where it has none."""
