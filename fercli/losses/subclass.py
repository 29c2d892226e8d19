"""Local subclass loss: center loss with several centers for each class."""

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError, choose
from fercli.losses.center import REDUCTIONS, center_step, half_squares
from fercli.ops.pairs import distances
from fercli.ops.pairwise import full_precision


def _by_class(centers: Tensor) -> Tensor:
    """(K, S, dim), also of the centers (K, dim) of a bank with one for each class."""
    return full_precision(centers).reshape(len(centers), -1, centers.shape[-1])


@torch.no_grad()
def nearest_own_center(feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
    """(B,) int64: which of the S centers of its class is nearest to each sample; the first of several.

    Args:
        feature: (B, dim).
        expression: (B,) int64.
        centers: (K, S, dim).
    """
    flat = full_precision(centers).flatten(0, 1)
    every = torch.cdist(full_precision(feature), flat, compute_mode="donot_use_mm_for_euclid_dist")
    own = every.view(len(feature), *centers.shape[:2])[torch.arange(len(feature), device=feature.device), expression]
    return own.argmin(1)


def margin_penalty(centers: Tensor, margin: float) -> Tensor:
    """Sum of max(distance - margin, 0)^2 over the ordered pairs of centers of one class; centers (K, S, dim).

    Source: Antoniadis 2021, section 4.3.
    """
    return 2 * (distances(centers) - margin).clamp(min=0).square().triu(1).sum()


class LocalSubclassLoss(nn.Module):
    """Half the squared distance of each sample to the nearest center of its class; reads feature, expression, centers.

    Centers move by the rule of center loss, each by the samples that are nearest to it. A margin adds
    lambda_1 * `margin_penalty`, for whose step the source prints nothing. Here it is the gradient over 4 (S - 1): the
    mean over the other centers of the class, each pair counted once, and half of it, because center loss moves by the
    gradient of half a square. Two centers that are too far apart then meet the margin in one step of alpha = 1/2 and
    lambda_1 = 1; at twice the length they would change sides.

    Args:
        margin: greatest distance of two centers of a class that costs nothing; None for no such penalty.
        lambda_1: weight of the penalty, also in the step of the centers; the source does not print it.
        reduction: `mean` is 1 / (2 B); `sum`, as printed, is 1 / 2.

    Raises:
        ConfigError: unknown reduction, or negative margin or lambda_1.

    Source: Antoniadis 2021, section 4.3; with a margin, table 4.1.
    """

    def __init__(self, margin: float | None = None, lambda_1: float = 1.0, reduction: str = "mean"):
        super().__init__()
        if not (margin is None or margin >= 0) or not lambda_1 >= 0:
            raise ConfigError(f"expected margin and lambda_1 of 0 or more, found {margin} and {lambda_1}")
        self.margin = margin
        self.lambda_1 = lambda_1
        self.reduction = choose("reduction of the local subclass loss", reduction, REDUCTIONS)

    def forward(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """Scalar loss; centers (K, S, dim), or (K, dim) for one in each class."""
        centers = _by_class(centers)
        nearest = nearest_own_center(feature, expression, centers)
        loss = half_squares(full_precision(feature) - centers[expression, nearest], self.reduction)
        if self.margin is None:
            return loss
        return loss + self.lambda_1 * margin_penalty(centers, self.margin)

    @torch.no_grad()
    def center_step(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """Delta in the shape of the centers; without a margin, centers that no sample is nearest to stand still."""
        shape, centers = centers.shape, _by_class(centers)
        per_class = centers.shape[1]
        row = expression * per_class + nearest_own_center(feature, expression, centers)
        delta = center_step(feature, row, centers.flatten(0, 1)).view_as(centers)
        if self.margin is not None:
            pull = torch.func.grad(margin_penalty)(centers, self.margin)
            delta = delta + self.lambda_1 / (4 * max(per_class - 1, 1)) * pull
        return delta.view(shape)
