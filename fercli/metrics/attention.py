"""Statistics of the attention weights of the elements of a deep feature."""

import numpy as np
from scipy.special import entr


def attention_statistics(attention: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Compute the level and spread of the weights, and how far they distinguish the classes.

    `entropy` is the mean binary entropy of the weights in nats: ln 2 for a weight of 0.5, 0 for a weight of 0 or 1. It
    is NaN if any weight is above 1, which shows that the weights were normalized. `cosine_difference` is the mean
    cosine of two samples of one class minus that of two samples of different classes, in [-2, 2]; NaN without pairs of
    both kinds. The mean vector of all samples is subtracted first, because it says nothing about classes.

    Args:
        attention: (n, dim), 0 or more.
        labels: (n,) class index.

    Returns:
        `mean`, `min`, `max`, `entropy`, `cosine_difference`.
    """
    attention = np.asarray(attention, dtype=np.float64)
    choices = attention if attention.max() <= 1 else np.full(1, np.nan)
    return {
        "mean": float(attention.mean()),
        "min": float(attention.min()),
        "max": float(attention.max()),
        "entropy": float((entr(choices) + entr(1 - choices)).mean()),
        "cosine_difference": _cosine_difference(attention, labels),
    }


def _cosine_difference(attention: np.ndarray, labels: np.ndarray) -> float:
    """Compute it from sums over classes: the cosines of all pairs of a set add up to (|sum|^2 - sum of |.|^2) / 2."""
    centered = attention - attention.mean(0)
    norms = np.linalg.norm(centered, axis=1, keepdims=True)
    # Equal vectors differ from their mean only by rounding errors, which give no direction.
    directed = norms > 1e-12 * np.linalg.norm(attention, axis=1, keepdims=True)
    unit = np.divide(centered, norms, out=np.zeros_like(centered), where=directed)
    num_pairs, total = _pairs(unit)
    of_classes = np.array([_pairs(unit[labels == label]) for label in np.unique(labels)])
    num_within, within = of_classes.sum(0)
    if num_within in (0, num_pairs):
        return float("nan")
    return float(within / num_within - (total - within) / (num_pairs - num_within))


def _pairs(unit: np.ndarray) -> tuple[float, float]:
    """Return the number of pairs of rows, and the sum of their cosines."""
    return len(unit) * (len(unit) - 1) / 2, float((np.square(unit.sum(0)).sum() - np.square(unit).sum()) / 2)
