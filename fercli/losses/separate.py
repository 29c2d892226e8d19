"""Separate loss: center loss and island loss, both computed from angles only."""

import torch
from torch import Tensor, nn

from fercli.errors import choose
from fercli.losses.center import REDUCTIONS, num_samples, one_per_class
from fercli.losses.island import island_penalty
from fercli.ops.pairs import directions


def intra_loss(feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
    """Sum over the batch of 1 - cosine between feature (B, dim) and the center of its class, of centers (K, dim)."""
    return (1 - (directions(feature) * directions(centers)[expression]).sum(1)).sum()


class SeparateLoss(nn.Module):
    """1 - cosine of each sample to its center, plus cosine + 1 of every ordered pair of centers.

    Reads feature, expression, centers. Both parts have the same weight.

    The centers move by the sum of two gradients. That of the first part is divided by one plus the number of samples of
    the class, as in center loss. That of the second part is divided by 2 (K - 1), as in island loss.

    In the review of Farzaneh 2020, the similarity falls within a class and rises between classes. Separation needs the
    opposite, as here.

    Args:
        reduction: of the first part, `mean` divides by B; `sum` does not.

    Raises:
        ConfigError: unknown reduction.

    Source: Li et al. 2019, "Separate Loss for Basic and Compound Facial Expression Recognition in the Wild".
    """

    def __init__(self, reduction: str = "mean"):
        super().__init__()
        self.reduction = choose("reduction of the separate loss", reduction, REDUCTIONS)

    def forward(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """Scalar loss."""
        intra = intra_loss(feature, expression, one_per_class(centers))
        return (intra / len(feature) if self.reduction == "mean" else intra) + island_penalty(centers)

    @torch.no_grad()
    def center_step(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """(K, dim) delta of the centers."""
        centers = one_per_class(centers)
        pull = torch.func.grad(intra_loss, argnums=2)(feature, expression, centers)
        push = torch.func.grad(island_penalty)(centers)
        return pull / (1 + num_samples(expression, centers))[:, None] + push / (2 * max(len(centers) - 1, 1))
