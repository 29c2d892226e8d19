"""Weighted spatial pyramid pooling (WSPP) of a vector."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

NUM_BINS = (80, 40, 20, 10)  # of the levels, fine to coarse
PYRAMID_MATCH = (1 / 2, 1 / 4, 1 / 8, 1 / 8)


def weighted_pyramid(
    vector: Tensor, num_bins: Sequence[int] = NUM_BINS, weights: Sequence[float] = PYRAMID_MATCH
) -> Tensor:
    """(B, sum of num_bins): the largest element of each bin, times the weight of its level, fine levels first.

    On the level of n bins, a bin has floor(D / n) elements; the elements left at the end are not used on that level.
    The source prints windows of 25, 51, 102 and 204 elements for D = 2048. Pooled as often as they fit, they give 151
    numbers, but the source prints 150. Fixed numbers of bins give both these windows and 150 numbers.

    Args:
        vector: (B, D), D at least the number of bins of every level.
        num_bins: bins of each level.
        weights: of the levels, as in the pyramid match kernel of Lazebnik et al. 2006.

    Source: He, Chan and Wang 2021; the reading of its windows is ours.

    Examples:
        >>> import torch
        >>> from fercli.ops.pyramid import weighted_pyramid
        >>> weighted_pyramid(torch.arange(8.0)[None], num_bins=(4, 2), weights=(0.5, 0.5))
        tensor([[0.5000, 1.5000, 2.5000, 3.5000, 1.5000, 3.5000]])
    """
    dim = vector.shape[1]
    assert dim >= max(num_bins), f"{dim} elements cannot fill {max(num_bins)} bins"
    levels = []
    for n, weight in zip(num_bins, weights, strict=True):
        width = dim // n
        levels.append(weight * nn.functional.max_pool1d(vector[:, None, : n * width], width)[:, 0])
    return torch.cat(levels, dim=1)
