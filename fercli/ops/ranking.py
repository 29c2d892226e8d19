"""How well predictions rank rows: area under the ROC curve, and average precision."""

import math

import numpy as np
from scipy.stats import rankdata


def area_under_roc(positive: np.ndarray, predicted: np.ndarray) -> float:
    """Probability that a positive row has a higher prediction than a negative one; ties count one half.

    0.5 for a constant predictor; NaN without a positive or without a negative row.

    Args:
        positive: (n,) bool.
        predicted: (n,) numbers, higher for rows that are more likely positive.

    Source: Hanley and McNeil 1982.
    """
    num_positive, num_negative = int(positive.sum()), int((~positive).sum())
    if not num_positive or not num_negative:
        return math.nan
    ranks = rankdata(predicted)[positive].sum()
    return float((ranks - num_positive * (num_positive + 1) / 2) / (num_positive * num_negative))


def average_precision(positive: np.ndarray, predicted: np.ndarray) -> float:
    """Mean precision over the recalls of all thresholds; the prevalence for a constant predictor.

    NaN without a positive row.

    Args:
        positive: (n,) bool.
        predicted: (n,) numbers, higher for rows that are more likely positive.

    Source: Manning, Raghavan and Schütze 2008, section 8.4; without interpolation.
    """
    if not positive.any():
        return math.nan
    order = np.argsort(-predicted, kind="stable")
    hits = np.cumsum(positive[order])
    last = np.append(np.flatnonzero(np.diff(predicted[order])), len(order) - 1)  # of each distinct score
    recall = np.concatenate([[0.0], hits[last] / hits[-1]])
    return float(np.sum(np.diff(recall) * hits[last] / (last + 1)))
