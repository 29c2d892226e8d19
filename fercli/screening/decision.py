"""Decision curves: what acting on predictions would gain, weighed against needless actions."""

from typing import TypeVar

import numpy as np

Threshold = TypeVar("Threshold", float, np.ndarray)
THRESHOLDS = np.arange(1, 100) / 100  # of the probability, for curves


def net_benefit(positive: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    """Net benefit of acting on everybody with at least a probability: TP / n - FP / n * t / (1 - t).

    Its unit is true positives a sitting. Acting on nobody has the net benefit 0.

    Args:
        positive: (n,) bool.
        probability: (n,) predicted probability to be positive.
        threshold: t in (0, 1): the probability at which acting and not acting count as equally good.

    Source: Vickers and Elkin 2006.

    Examples:
        >>> import numpy as np
        >>> from fercli.screening.decision import net_benefit
        >>> net_benefit(np.array([True, True, False, False]), np.array([0.9, 0.1, 0.6, 0.2]), 0.5)
        0.0
    """
    acted = probability >= threshold
    return float((positive & acted).mean() - (~positive & acted).mean() * threshold / (1 - threshold))


def treat_all(prevalence: float, threshold: Threshold) -> Threshold:
    """Net benefit of acting on everybody, at one or several thresholds: prevalence - (1 - prevalence) * t / (1 - t)."""
    return prevalence - (1 - prevalence) * threshold / (1 - threshold)
