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
    """Center loss with two margins, alpha_1 within a class and alpha_2 between centers.

    Reads feature, expression, centers. The first part is max(0, d - alpha_1) / 2 of each sample, where d is the squared
    distance to the center of its class. The second part is max(0, alpha_2 - d) of each pair of centers, where d is the
    squared distance between the two centers.

    A center makes two moves in a step. First, samples with d above alpha_1 pull it as in center loss; the divisor
    counts all samples of the class. Second, it moves away from the other centers: by half the gradient of the second
    part, averaged over the other classes.

    Farzaneh 2020 reviews this loss without a formula, and says that the distances between centers are kept below
    alpha_2. Here they are kept above alpha_2, because only that separates the classes.

    Args:
        alpha_1: squared radius around a center; samples inside cost 0.
        alpha_2: squared distance from which on a pair of centers costs 0.
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
        """(B, 1): 1 for samples whose squared distance to their center is above alpha_1, else 0."""
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
