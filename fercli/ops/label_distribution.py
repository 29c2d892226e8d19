"""Distributions of the expressions over the valence-arousal plane."""

import numpy as np
import torch
from torch import Tensor

from fercli.errors import DataError
from fercli.fields import UNLABELLED


def bin_index(affect: Tensor, num_bins: int) -> Tensor:
    """(n, 2) int64 bin of valence and of arousal, in [0, num_bins), for a grid of square bins over [-1, 1] x [-1, 1].

    The upper border belongs to the last bin. The bins are always computed in float32, so that the training split in
    float64 and its batches in float32 agree on values next to a border.

    Args:
        affect: (n, 2) valence and arousal in [-1, 1].
        num_bins: bins along each axis.

    Examples:
        >>> import torch
        >>> from fercli.ops.label_distribution import bin_index
        >>> bin_index(torch.tensor([[-1.0, -1.0], [0.0, 0.0], [1.0, 1.0]]), num_bins=5)
        tensor([[0, 0],
                [2, 2],
                [4, 4]])
    """
    return ((affect.float() + 1) * num_bins / 2).floor().clamp(0, num_bins - 1).long()


def label_distribution(expression: np.ndarray, affect: np.ndarray, num_classes: int, num_bins: int) -> Tensor:
    """(num_bins, num_bins, num_classes) float64 share of each class among the rows of a bin of valence and arousal.

    A bin without rows gets the shares of all rows. Rows that lack one of the labels do not count.

    Args:
        expression: (N,) int64, UNLABELLED where unknown.
        affect: (N, 2) valence and arousal in [-1, 1], NaN where unknown.

    Raises:
        DataError: no row has both labels, or a value lies outside of [-1, 1].

    Source: Antoniadis 2021, section 3.4.
    """
    known = (expression != UNLABELLED) & ~np.isnan(affect).any(axis=1)
    if not known.any():
        raise DataError("expected training rows with both an expression and valence and arousal, found none")
    outside = np.abs(affect[known]).max()
    if outside > 1:
        raise DataError(f"expected valence and arousal in [-1, 1], found a magnitude of {outside:g}; check the reader")
    bins = bin_index(torch.as_tensor(affect[known]), num_bins)
    cell = (bins[:, 0] * num_bins + bins[:, 1]) * num_classes + torch.as_tensor(expression[known])
    count = torch.bincount(cell, minlength=num_bins**2 * num_classes).view(num_bins, num_bins, num_classes).double()
    total = count.sum(2, keepdim=True)
    prior = count.sum((0, 1)) / known.sum()
    return torch.where(total > 0, count / total.clamp(min=1), prior)
