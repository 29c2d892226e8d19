"""Locality preserving loss: pulls a sample to its nearest neighbors of the same class."""

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError, choose
from fercli.losses.center import REDUCTIONS, half_squares
from fercli.ops.pairs import distances
from fercli.ops.pairwise import full_precision


@torch.no_grad()
def neighbor_shares(feature: Tensor, expression: Tensor, k: int) -> Tensor:
    """(B, B) with 1 / n in row i at the n nearest samples of the class of i; n = min(k, other samples of the class)."""
    candidates = (expression[:, None] == expression).fill_diagonal_(False)
    distance = distances(feature).masked_fill(~candidates, torch.inf)
    columns = distance.topk(min(k, len(feature)), largest=False).indices
    near = torch.zeros_like(candidates).scatter_(1, columns, True) & candidates
    return near / near.sum(1, keepdim=True).clamp(min=1).to(distance.dtype)


class LocalityPreservingLoss(nn.Module):
    """Half the squared distance of each sample to the mean of its k nearest neighbors; reads feature, expression.

    Neighbors are samples of the same class in the batch. A sample that is alone in its class costs 0.

    Args:
        k: number of neighbors; if a class has fewer other samples in the batch, all of them are used.
        reduction: `mean` is 1 / (2 B); `sum` is 1 / 2.
        detach_mean: whether the mean of the neighbors is a constant for the gradient, as in the source.

    Raises:
        ConfigError: unknown reduction, or k below 1.

    Source: Li, Deng and Du 2017 (DLP-CNN).
    """

    def __init__(self, k: int = 20, reduction: str = "mean", detach_mean: bool = True):
        super().__init__()
        if k < 1:
            raise ConfigError(f"expected k, the neighbors of a sample, to be 1 or more; found {k}")
        self.k = k
        self.reduction = choose("reduction of the locality preserving loss", reduction, REDUCTIONS)
        self.detach_mean = detach_mean

    def forward(self, feature: Tensor, expression: Tensor) -> Tensor:
        """Scalar loss."""
        x = full_precision(feature)
        shares = neighbor_shares(x, expression, self.k)
        with torch.autocast(x.device.type, enabled=False):
            means = shares @ (x.detach() if self.detach_mean else x)
        return half_squares(x - means, self.reduction, weight=(shares > 0).any(1, keepdim=True))
