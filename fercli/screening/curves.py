"""The points of the curves that are drawn and written for each cut-off."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fercli.ops.ranking_curves import precision_recall, receiver_operating
from fercli.ops.severity import is_positive
from fercli.screening.decision import THRESHOLDS, net_benefit, treat_all
from fercli.screening.heldout import probabilities
from fercli.screening.people import Scores

CURVES = ("curve", "cutoff", "x", "y")


def decision_curve(positive: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the thresholds 0.01 to 0.99, the net benefit at each, and the net benefit of acting on everybody.

    Args:
        positive: (n,) bool.
        probability: (n,) in [0, 1].
    """
    benefit = np.array([net_benefit(positive, probability, one) for one in THRESHOLDS])
    return THRESHOLDS, benefit, treat_all(float(positive.mean()), THRESHOLDS)


def curve_rows(scores: Scores, cutoffs: Sequence[float]) -> Iterator[dict[str, Any]]:
    """Yield the points of all curves as rows with the columns `CURVES`, for a csv file."""
    for cutoff in cutoffs:
        positive, probability = is_positive(scores.score, cutoff), probabilities(scores, cutoff)
        curves = {}
        if positive.any() and not positive.all():
            curves["ROC"] = receiver_operating(positive, scores.predicted)
            curves["precision-recall"] = precision_recall(positive, scores.predicted)
        if not np.isnan(probability).any():
            thresholds, benefit, acting_on_all = decision_curve(positive, probability)
            curves |= {"net benefit": (thresholds, benefit), "net benefit, acting on all": (thresholds, acting_on_all)}
        for name, (x, y) in curves.items():
            yield from ({"curve": name, "cutoff": cutoff, "x": a, "y": b} for a, b in zip(x, y, strict=True))
