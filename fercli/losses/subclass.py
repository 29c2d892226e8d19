"""Local subclass loss: center loss with several centers for each class."""

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError, choose
from fercli.losses.center import REDUCTIONS, center_step, half_squares
from fercli.ops.pairs import distances
from fercli.ops.pairwise import full_precision


def _by_class(centers: Tensor) -> Tensor:
    """Return the centers as (K, S, dim); centers (K, dim), one for each class, get S = 1."""
    return full_precision(centers).reshape(len(centers), -1, centers.shape[-1])


@torch.no_grad()
def nearest_own_center(feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
    """(B,) int64: which of the S centers of its class is nearest to each sample; the first if several are equally near.

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
    lambda_1 * `margin_penalty`; the source prints no step of the centers for it. Here the step is the gradient divided
    by 4 (S - 1): half the mean over the other centers of the class, each pair counted once. Half, because center loss
    moves by the gradient of half a square. Two centers that are too far apart then reach the margin in one step with
    alpha = 1/2 and lambda_1 = 1; a step of twice the length would make them change sides.

    Args:
        margin: two centers of a class cost 0 up to this distance; None: no penalty.
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
        """Scalar loss; centers (K, S, dim), or (K, dim) with one center for each class."""
        centers = _by_class(centers)
        nearest = nearest_own_center(feature, expression, centers)
        loss = half_squares(full_precision(feature) - centers[expression, nearest], self.reduction)
        if self.margin is None:
            return loss
        return loss + self.lambda_1 * margin_penalty(centers, self.margin)

    @torch.no_grad()
    def center_step(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """Delta in the shape of the centers; without a margin, a center moves only if it is nearest to some sample."""
        shape, centers = centers.shape, _by_class(centers)
        per_class = centers.shape[1]
        row = expression * per_class + nearest_own_center(feature, expression, centers)
        delta = center_step(feature, row, centers.flatten(0, 1)).view_as(centers)
        if self.margin is not None:
            pull = torch.func.grad(margin_penalty)(centers, self.margin)
            delta = delta + self.lambda_1 / (4 * max(per_class - 1, 1)) * pull
        return delta.view(shape)
