"""Regularized center loss: two margins, around each center and between centers."""

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError, choose
from fercli.losses.center import REDUCTIONS, center_loss, center_step, one_per_class
from fercli.ops.pairs import distances
from fercli.ops.pairwise import full_precision


def between_penalty(centers: Tensor, margin: float) -> Tensor:
    """Sum of max(0, margin - distance^2) over the pairs of centers (K, dim), each pair once."""
    return (margin - distances(centers).square()).clamp(min=0).triu(1).sum()


class RegularizedCenterLoss(nn.Module):
    """Half of max(0, squared distance to the own center - alpha_1), plus max(0, alpha_2 - squared distance) of every
    pair of centers.

    Reads feature, expression, centers. The centers move as in center loss, pulled by the samples outside alpha_1 (all
    samples count), and apart by half the mean over the other classes of the gradient of the pair. Farzaneh 2020, who
    reviews it without a formula, has the distances of centers held below alpha_2; above is what separates.

    Args:
        alpha_1: square of the radius within which samples are left alone.
        alpha_2: square of the distance from which on centers are left alone.
        reduction: of the first part, `mean` is 1 / (2 B); `sum` is 1 / 2.

    Raises:
        ConfigError: unknown reduction, or a negative margin.
    """

    def __init__(self, alpha_1: float = 1.0, alpha_2: float = 10.0, reduction: str = "mean"):
        super().__init__()
        if not (alpha_1 >= 0 and alpha_2 >= 0):
            raise ConfigError(f"expected alpha_1 and alpha_2 of 0 or more, found {alpha_1} and {alpha_2}")
        self.alpha_1 = alpha_1
        self.alpha_2 = alpha_2
        self.reduction = choose("reduction of the regularized center loss", reduction, REDUCTIONS)

    def _outside(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """(B, 1) 1 for samples beyond alpha_1, else 0."""
        offsets = full_precision(feature).detach() - one_per_class(centers)[expression]
        return (offsets.square().sum(1, keepdim=True) > self.alpha_1).to(offsets.dtype)

    def forward(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """Scalar loss."""
        outside = self._outside(feature, expression, centers)
        free = self.alpha_1 / 2 * (outside.mean() if self.reduction == "mean" else outside.sum())
        within = center_loss(feature, expression, centers, self.reduction, outside) - free
        return within + between_penalty(centers, self.alpha_2)

    @torch.no_grad()
    def center_step(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """(K, dim) delta of the centers."""
        outside = self._outside(feature, expression, centers)
        push = torch.func.grad(between_penalty)(one_per_class(centers), self.alpha_2)
        return center_step(feature, expression, centers, outside) + push / (2 * max(len(centers) - 1, 1))
