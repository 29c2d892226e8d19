"""Center loss, and the class centers that it and its relatives share."""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError, choose
from fercli.ops.pairwise import full_precision

REDUCTIONS = ("mean", "sum")
INITIAL = ("he", "wen")


@runtime_checkable
class MovesCenters(Protocol):
    """A loss with its own update rule for the centers, separate from the gradient of the network."""

    def center_step(self, *fields: Tensor) -> Tensor:
        """Return the delta, in the shape of the centers, from the fields that the loss reads; see `CenterBank.step`."""


class CenterBank(nn.Module):
    """Centers of the classes: a buffer (K, dim) that no optimizer sees and that only `step` changes.

    The centers are drawn from their own random generator, so a network starts and trains the same with and without a
    bank.

    Args:
        num_classes: K.
        dim: width of the deep feature.
        alpha: step size of the centers; there is no momentum, weight decay or schedule.
        seed: of the initial centers.
        per_class: number of centers of each class; with more than one the buffer is (K, per_class, dim).
        initial: how the centers are drawn. `he`: from He's normal distribution with fan_in = num_classes, as in the
            released code of DDA and DACL; two centers are then about sqrt(4 dim / K) apart. `wen`: uniformly with
            variance 1 / dim (Caffe's "xavier"), as in the released code of center loss (Wen et al. 2016); centers
            then have a length of about 1, and two are about sqrt(2) apart, whatever the width.

    Raises:
        ConfigError: alpha is negative, per_class is below 1, or `initial` is unknown.
    """

    centers: Tensor

    def __init__(
        self, num_classes: int, dim: int, alpha: float = 0.5, seed: int = 0, per_class: int = 1, initial: str = "he"
    ):
        super().__init__()
        choose("center_bank.initial", initial, INITIAL)
        if not alpha >= 0:
            raise ConfigError(f"expected a center step size alpha of 0 or more, found {alpha}")
        if per_class < 1:
            raise ConfigError(f"expected per_class, the centers of each class, to be 1 or more; found {per_class}")
        self.alpha = alpha
        shape = (num_classes, dim) if per_class == 1 else (num_classes, per_class, dim)
        generator = torch.Generator().manual_seed(seed)
        if initial == "he":
            centers = torch.randn(shape, generator=generator) * (2 / num_classes) ** 0.5
        else:
            centers = (2 * torch.rand(shape, generator=generator) - 1) * (3 / dim) ** 0.5
        self.register_buffer("centers", centers)

    @torch.no_grad()
    def step(self, delta: Tensor) -> None:
        """Move the centers by -alpha * delta."""
        self.centers -= self.alpha * delta.to(self.centers.dtype)


def one_per_class(centers: Tensor) -> Tensor:
    """Return the centers (K, dim) in float32 or better; raise ConfigError if classes have several centers."""
    if centers.dim() != 2:
        raise ConfigError(
            f"expected one center per class, found {centers.shape[1]}; only the losses local_subclass and "
            "local_subclass_margin read several. Use center_bank=he"
        )
    return full_precision(centers)


def half_squares(offsets: Tensor, reduction: str, weight: Tensor | float = 1.0) -> Tensor:
    """Half the weighted squares of offsets (B, dim), summed; `mean` divides by B. Weights are (B, 1) or (B, dim)."""
    total = (weight * offsets.square()).sum() / 2
    return total / len(offsets) if reduction == "mean" else total


def center_loss(
    feature: Tensor, expression: Tensor, centers: Tensor, reduction: str = "mean", weight: Tensor | float = 1.0
) -> Tensor:
    """Half the squared distance of each sample to the center of its class.

    Args:
        feature: (B, dim).
        expression: (B,) int64.
        centers: (K, dim).
        reduction: `mean` is 1 / (2 B), as in Farzaneh 2020, equation 3.3; `sum` is 1 / 2.
        weight: of the squares, (B, 1) or (B, dim).

    Source: Wen et al. 2016, equation 2.
    """
    return half_squares(full_precision(feature) - one_per_class(centers)[expression], reduction, weight)


def center_step(feature: Tensor, expression: Tensor, centers: Tensor, weight: Tensor | float = 1.0) -> Tensor:
    """(K, dim) delta: per class, the weighted sum of (center - sample) over one plus the number of its samples.

    The delta contains neither the weight of the term nor 1 / B. The center of a class without samples does not move.

    Source: Wen et al. 2016, equation 4.
    """
    centers = one_per_class(centers)
    offsets = centers[expression] - full_precision(feature)
    total = torch.zeros_like(centers).index_add_(0, expression, weight * offsets)
    return total / (1 + num_samples(expression, centers))[:, None]


def num_samples(expression: Tensor, centers: Tensor) -> Tensor:
    """(K,) float number of samples of each class in a batch."""
    ones = torch.ones_like(expression, dtype=centers.dtype)
    return torch.zeros_like(centers[:, 0]).index_add_(0, expression, ones)


class CenterLoss(nn.Module):
    """`center_loss` as a term that moves centers; reads feature, expression, centers.

    Args:
        reduction: `mean` or `sum`.

    Raises:
        ConfigError: unknown reduction.
    """

    def __init__(self, reduction: str = "mean"):
        super().__init__()
        self.reduction = choose("reduction of the center loss", reduction, REDUCTIONS)

    def forward(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """Scalar loss."""
        return center_loss(feature, expression, centers, self.reduction)

    @torch.no_grad()
    def center_step(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """(K, dim) delta of the centers."""
        return center_step(feature, expression, centers)
