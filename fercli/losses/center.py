"""Center loss, and the class centers that it and its relatives share."""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError
from fercli.ops.pairwise import full_precision


@runtime_checkable
class MovesCenters(Protocol):
    """A loss with its own update rule for the centers, apart from the gradient that the network gets."""

    def center_step(self, *fields: Tensor) -> Tensor:
        """(K, dim) delta from the fields that the loss reads: the bank does `centers -= alpha * delta`."""


class CenterBank(nn.Module):
    """One center per class: a buffer that no optimizer sees, moved by `step` alone.

    Initialized with He's normal distribution, fan_in = num_classes as in the released code of DDA and DACL, from a
    generator of its own: a network is initialized and trained the same with and without a bank.

    Args:
        num_classes: K.
        dim: width of the deep feature.
        alpha: step size of the centers; without momentum, weight decay or schedule.
        seed: of the initial centers.
    """

    centers: Tensor

    def __init__(self, num_classes: int, dim: int, alpha: float = 0.5, seed: int = 0):
        super().__init__()
        if not alpha >= 0:
            raise ConfigError(f"expected a center step size alpha of 0 or more, found {alpha}")
        self.alpha = alpha
        generator = torch.Generator().manual_seed(seed)
        self.register_buffer("centers", torch.randn(num_classes, dim, generator=generator) * (2 / num_classes) ** 0.5)

    @torch.no_grad()
    def step(self, delta: Tensor) -> None:
        """Move the centers (K, dim) by -alpha * delta."""
        self.centers -= self.alpha * delta.to(self.centers.dtype)


def center_loss(feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
    """Half the mean squared distance of each sample to the center of its class.

    Args:
        feature: (B, dim).
        expression: (B,) int64.
        centers: (K, dim).

    Source: Wen et al. 2016, equation 2; here with 1 / (2 B) as in Farzaneh 2020, equation 3.3.
    """
    return (full_precision(feature) - full_precision(centers)[expression]).square().sum(1).mean() / 2


def center_step(feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
    """(K, dim) delta: per class, the sum of (center - sample) over one plus the number of its samples.

    Neither the weight of the loss nor 1 / B enters, and a class without samples does not move.

    Source: Wen et al. 2016, equation 4.
    """
    centers = full_precision(centers)
    offsets = centers[expression] - full_precision(feature)
    total = torch.zeros_like(centers).index_add_(0, expression, offsets)
    count = torch.zeros_like(centers[:, 0]).index_add_(0, expression, torch.ones_like(offsets[:, 0]))
    return total / (1 + count)[:, None]


class CenterLoss(nn.Module):
    """`center_loss` as a term that moves centers; reads feature, expression, centers."""

    def forward(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """Scalar loss."""
        return center_loss(feature, expression, centers)

    def center_step(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """(K, dim) delta of the centers."""
        return center_step(feature, expression, centers)
