"""The curves whose areas `fercli.ops.ranking` gives: a point for each threshold of the predictions."""

import numpy as np
from sklearn.metrics import precision_recall_curve, roc_curve


def receiver_operating(positive: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return 1 - specificity and sensitivity (both (m,)) at each threshold, from (0, 0) to (1, 1).

    Args:
        positive: (n,) bool, with both values.
        predicted: (n,) numbers, higher for rows that are more likely positive.
    """
    false_rate, rate, _ = roc_curve(positive, predicted, drop_intermediate=False)
    return false_rate, rate


def precision_recall(positive: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return recall (sensitivity) and precision (positive predictive value), both (m,), by ascending recall.

    Args:
        positive: (n,) bool, with at least one True.
        predicted: (n,) numbers, higher for rows that are more likely positive.
    """
    precision, recall, _ = precision_recall_curve(positive, predicted)
    return recall[::-1], precision[::-1]
