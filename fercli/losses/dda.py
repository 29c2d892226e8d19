"""Discriminant distribution-agnostic (DDA) loss."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fercli.errors import choose
from fercli.losses.center import one_per_class
from fercli.ops.pairwise import full_precision, squared_distances

REDUCTIONS = ("mean", "mean_over_m")


def dda_loss(
    feature: Tensor, expression: Tensor, centers: Tensor, reduction: str = "mean", attention: Tensor | None = None
) -> Tensor:
    """Half the cross-entropy of a softmax over the negative squared distances to all class centers.

    Args:
        feature: (B, dim).
        expression: (B,) int64.
        centers: (K, dim).
        reduction: `mean` divides the sum over samples by 2 B, as printed; `mean_over_m` by 2 B^2, as the released
            code does.
        attention: (B, dim) weight of each element in the distances of its sample, or None.

    Source: Farzaneh 2020, equations 3.5 and 3.7.
    """
    loss = F.cross_entropy(-_squared_distances(feature, one_per_class(centers), attention), expression) / 2
    return loss / len(feature) if reduction == "mean_over_m" else loss


def dda_step(
    feature: Tensor, expression: Tensor, centers: Tensor, reduction: str = "mean", attention: Tensor | None = None
) -> Tensor:
    """(K, dim) gradient of `dda_loss` with respect to the centers; every center moves, with or without samples.

    Departs from the source: equation 3.10 keeps one summand with the sample's own center, which is not the gradient
    of equation 3.7. The gradient, used here, is the sum over samples of ([class is k] - p_k)(c_k - x) / B, times the
    attention if there is one.
    """
    x, centers = full_precision(feature), one_per_class(centers)
    excess = F.one_hot(expression, len(centers)) - F.softmax(-_squared_distances(x, centers, attention), 1)
    offsets = centers[None] - x[:, None]
    if attention is not None:
        offsets = offsets * full_precision(attention)[:, None]
    step = (excess[:, :, None] * offsets).mean(0)
    return step / len(feature) if reduction == "mean_over_m" else step


def _squared_distances(feature: Tensor, centers: Tensor, attention: Tensor | None) -> Tensor:
    if attention is None:
        return squared_distances(feature, centers)
    squares = (full_precision(feature)[:, None] - centers[None]).square()
    return (full_precision(attention)[:, None] * squares).sum(-1)


class DDALoss(nn.Module):
    """`dda_loss` as a term that moves centers; reads feature, expression, centers.

    Args:
        reduction: `mean` (as printed) or `mean_over_m` (released code).
        center_scale: factor of the gradient in the center step: 1 as in equation 3.10; the released code uses the
            weight of the term instead.

    Raises:
        ConfigError: unknown reduction.
    """

    def __init__(self, reduction: str = "mean", center_scale: float = 1.0):
        super().__init__()
        self.reduction = choose("reduction of the DDA loss", reduction, REDUCTIONS)
        self.center_scale = center_scale

    def forward(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """Scalar loss."""
        return dda_loss(feature, expression, centers, self.reduction)

    @torch.no_grad()
    def center_step(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """(K, dim) delta of the centers."""
        return self.center_scale * dda_step(feature, expression, centers, self.reduction)


class AttentiveDDALoss(DDALoss):
    """DDA loss with the distances of sparse center loss; reads feature, expression, attention, centers.

    An extension of this project that combines DDA and DACL: the attention weights the squared differences, element by
    element. With an attention of 1 it is DDA loss. Takes the arguments of `DDALoss`.
    """

    def forward(  # type: ignore[override]
        self, feature: Tensor, expression: Tensor, attention: Tensor, centers: Tensor
    ) -> Tensor:
        """Scalar loss."""
        return dda_loss(feature, expression, centers, self.reduction, attention)

    @torch.no_grad()
    def center_step(  # type: ignore[override]
        self, feature: Tensor, expression: Tensor, attention: Tensor, centers: Tensor
    ) -> Tensor:
        """(K, dim) delta of the centers: the gradient of the loss, times `center_scale`."""
        return self.center_scale * dda_step(feature, expression, centers, self.reduction, attention)
