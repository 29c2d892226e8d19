"""Distances and cosines between all rows of one matrix, with memory for (n, n) numbers and no more."""

from typing import Any

import torch
from torch import Tensor

from fercli.ops.pairwise import full_precision


class _Distances(torch.autograd.Function):
    """`torch.cdist` of a matrix with itself; the backward pass of torch needs n * n * d numbers on a GPU."""

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(inputs[0], output)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        x, distance = ctx.saved_tensors
        pull = torch.where(distance > 0, (gradients[0] + gradients[0].mT) / distance, 0)
        x = x - x.mean(-2, keepdim=True)  # two products are subtracted below: centered rows keep them small
        with torch.autocast(x.device.type, enabled=False):
            return pull.sum(-1, keepdim=True) * x - pull @ x


def distances(x: Tensor) -> Tensor:
    """Euclidean distance of every row of x (..., n, d) to every other: (..., n, n), float32 or better.

    Computed from differences, so exact for near points far from the origin. If two rows are equal, the gradient is 0.

    Examples:
        >>> import torch
        >>> from fercli.ops.pairs import distances
        >>> distances(torch.tensor([[0.0, 0.0], [3.0, 4.0]])).round(decimals=3)
        tensor([[0., 5.],
                [5., 0.]])
    """
    return _Distances.apply(full_precision(x))


def directions(x: Tensor) -> Tensor:
    """Every row of x (..., d) divided by its length, float32 or better; a row of zeros stays a row of zeros."""
    x = full_precision(x)
    length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return x / torch.where(length > 0, length, 1)


def cosines(x: Tensor) -> Tensor:
    """Cosine of the angle between every two rows of x (n, d): (n, n), float32 or better; 0 with a row of zeros.

    Examples:
        >>> import torch
        >>> from fercli.ops.pairs import cosines
        >>> cosines(torch.tensor([[1.0, 0.0], [0.0, 2.0], [3.0, 0.0]]))
        tensor([[1., 0., 1.],
                [0., 1., 0.],
                [1., 0., 1.]])
    """
    direction = directions(x)
    with torch.autocast(x.device.type, enabled=False):
        return direction @ direction.T
