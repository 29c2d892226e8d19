"""Patterns in predictions: how mixed the emotions of a window are, and how long a pattern has lasted."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import entr


def entropy(shares: np.ndarray) -> np.ndarray:
    """Entropy in nats over the last axis of shares (..., K) that add up to 1: from 0 for one emotion to ln K."""
    return entr(shares).sum(-1) + 0.0  # turns -0.0 into 0.0


def sliding_shares(labels: np.ndarray, num_classes: int, length: int) -> np.ndarray:
    """(n - length + 1, num_classes) share of each class among every `length` consecutive labels of (n,)."""
    one_hot = np.eye(num_classes, dtype=np.int64)[labels]
    total = np.concatenate([np.zeros((1, num_classes), dtype=np.int64), one_hot.cumsum(0)])
    return (total[length:] - total[:-length]) / length


def lasting(holds: np.ndarray, length: int) -> np.ndarray:
    """(n,) bool: whether a pattern, (n,) bool, holds at this place and at the `length - 1` places before it."""
    padded = np.concatenate([np.zeros(length - 1, dtype=bool), holds])
    return np.asarray(sliding_window_view(padded, length).all(-1))
