"""Density loss: pairs that lie away from the dense region of the pairs of a sample weigh more."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fercli.charts import Arrows
from fercli.errors import ConfigError, choose
from fercli.ops.pairs import cosines

REDUCTIONS = ("global", "per_anchor")
WEIGHTS = ("constant", "differentiable", "none")
OWN = (60.0, 80.0, 110.0)  # directions of the fixed samples in the figure, in degrees
OTHER = (190.0, 215.0, 250.0)
RINGS = ((0.5, 18), (0.85, 32))  # length of the drawn features, and number of directions


def density_loss(
    feature: Tensor,
    expression: Tensor,
    boundary: float = 0.75,
    order: float = 2.0,
    reduction: str = "global",
    weights: str = "constant",
) -> Tensor:
    """Norm of weighted violations of all ordered pairs, divided by the batch size.

    With the cosine s and the boundary b, the violation of a pair of one class is [b - s]_+, and that of a pair of two
    classes [s - (1 - b)]_+. The weight of a pair is exp(d), where d is the distance of s from the mean cosine of the
    pairs of the same anchor and kind. If s lies on the right side of this mean, d is 0.

    Without a violation the loss and its gradient are 0. An anchor without pairs of a kind adds nothing for that kind.

    Args:
        feature: (B, dim), of any length.
        expression: (B,) int64; pairs of one class are positive.
        boundary: b in (0.5, 1].
        order: p of the norm, 1 or more.
        reduction: `global`: one norm over all pairs; with order 2 it is the root mean square of the (B, B) matrix.
            `per_anchor`: the mean of the norms of the rows.
        weights: `constant`: no gradient through the weights. `differentiable`: a gradient through them. `none`: every
            pair weighs 1.

    Source: Lin 2021, equations 3.5 to 3.7; the sum of 3.7 leaves one index free, which `global` sums over too.
    """
    cosine = cosines(feature)
    other = expression[:, None] != expression
    same = ~other & ~torch.eye(len(feature), dtype=torch.bool, device=feature.device)
    violations = same * F.relu(boundary - cosine) + other * F.relu(cosine - (1 - boundary))
    if weights != "none":
        seen = cosine if weights == "differentiable" else cosine.detach()
        violations = violations * torch.where(other, seen - _mean(seen, other), _mean(seen, same) - seen).relu().exp()
    powers = violations.pow(order)
    sums = powers.sum(None if reduction == "global" else 1)
    violated = sums > 0  # the gradient of a root is not finite at 0
    return torch.where(violated, sums, 1).pow(1 / order).mul(violated).sum() / len(feature)


def _mean(values: Tensor, kind: Tensor) -> Tensor:
    """(B, 1) mean of the entries of each row that are of this kind; 0 if there are none."""
    return (kind * values).sum(1, keepdim=True) / kind.sum(1, keepdim=True).clamp(min=1)


class DensityLoss(nn.Module):
    """`density_loss`; reads feature, expression.

    Args:
        boundary: see `density_loss`.
        order: see `density_loss`.
        reduction: see `density_loss`.
        weights: see `density_loss`.

    Raises:
        ConfigError: the boundary or the order is out of its range, or the reduction or the weights are unknown.
    """

    def __init__(
        self, boundary: float = 0.75, order: float = 2.0, reduction: str = "global", weights: str = "constant"
    ):
        super().__init__()
        if not 0.5 < boundary <= 1:
            raise ConfigError(f"expected a boundary of the density loss in (0.5, 1], found {boundary}")
        if order < 1:
            raise ConfigError(f"expected an order of the density loss of 1 or more, found {order}")
        self.boundary = boundary
        self.order = order
        self.reduction = choose("reduction of the density loss", reduction, REDUCTIONS)
        self.weights = choose("weights of the density loss", weights, WEIGHTS)

    def forward(self, feature: Tensor, expression: Tensor) -> Tensor:
        """Scalar loss."""
        return density_loss(feature, expression, self.boundary, self.order, self.reduction, self.weights)

    def charts(self, classes: Sequence[str]) -> list[Arrows]:
        """Draw arrows along which a sample of the first class descends the loss, for two-dimensional features.

        Source: Lin 2021, figure 3-8; we know only its caption.
        """
        points, arrows = density_field(self)
        degrees = {"its class": OWN, "another class": OTHER}
        fixed = {name: _directions(torch.tensor(angles).double().deg2rad()) for name, angles in degrees.items()}
        caption = "Where the density loss moves a sample, for two-dimensional features"
        title = f"Density loss, boundary {self.boundary:g}, order {self.order:g}"
        places = {name: dots.numpy() for name, dots in fixed.items()}
        return [Arrows("density_field", caption, title, points.numpy(), arrows.numpy(), places)]


def density_field(loss: DensityLoss) -> tuple[Tensor, Tensor]:
    """Positions of a two-dimensional sample, and the negative gradient of the loss there; both (n, 2) float64.

    Three samples of its class and three of another class are fixed. The loss does not depend on the length of a
    feature, so its gradient grows as the feature gets shorter. Here the gradient is multiplied by that length.
    """
    turns = [(radius, torch.arange(number, dtype=torch.float64) / number) for radius, number in RINGS]
    points = torch.cat([radius * _directions(2 * math.pi * turn) for radius, turn in turns])
    fixed = _directions(torch.tensor([*OWN, *OTHER], dtype=torch.float64).deg2rad())
    expression = torch.tensor([0] * (1 + len(OWN)) + [1] * len(OTHER))
    arrows = []
    for point in points:
        feature = torch.cat([point[None], fixed]).requires_grad_()
        (gradient,) = torch.autograd.grad(loss(feature, expression), feature)
        arrows.append(-gradient[0] * point.norm())
    return points, torch.stack(arrows)


def _directions(angles: Tensor) -> Tensor:
    """(n, 2) vectors of length 1 at angles in radians."""
    return torch.stack([angles.cos(), angles.sin()], 1)
