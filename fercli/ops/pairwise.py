"""Distances between the rows of two matrices."""

import torch
from torch import Tensor


def full_precision(x: Tensor) -> Tensor:
    """The tensor in float32 or better: squares overflow in float16 and lose digits in bfloat16."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def squared_distances(x: Tensor, y: Tensor) -> Tensor:
    """Squared Euclidean distance of every row of x (n, d) to every row of y (k, d): (n, k), float32 or better.

    Computed from differences, never by expanding the square: exact for near points far from the origin, not changed
    by autocast, and with a gradient at distance 0. Needs memory for n * k * d numbers.

    Examples:
        >>> import torch
        >>> from fercli.ops.pairwise import squared_distances
        >>> squared_distances(torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0], [1.0, 0.0]]))
        tensor([[25.,  1.]])
    """
    return (full_precision(x)[:, None] - full_precision(y)[None]).square().sum(-1)
