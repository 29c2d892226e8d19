"""Ranked list loss: positives inside of a ball around each sample, negatives outside of a larger one."""

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError, choose
from fercli.ops.pairs import directions, distances

REDUCTIONS = ("weighted_mean", "sum")


class RankedListLoss(nn.Module):
    """Weighted violations of the pairs of each sample, mean over the samples; reads feature, expression.

    Features are scaled to length 1. The violation of a negative at distance d is [alpha - d]_+, that of a positive
    [d - (alpha - margin)]_+. The weight of a pair with a violation is exp(temperature * violation), without gradient.

    `pytorch_metric_learning.losses.RankedListLoss` with weighted means differs in two ways: the weights get a
    gradient, and 1e-5 is added to each of them in the denominator.

    Args:
        alpha: radius within which no negative should lie.
        margin: all positives should lie within the radius alpha - margin.
        positive_temperature: temperature of the positives; 0 gives all of them the same weight.
        negative_temperature: temperature of the negatives; 0 gives all of them the same weight.
        reduction: `weighted_mean`: for each sample, half the weighted mean violation of its positives, plus half that
            of its negatives. `sum`: the weighted sum of both kinds, as Lin 2021 prints it.

    Raises:
        ConfigError: the margin exceeds alpha, or unknown reduction.

    Source: Wang et al. 2019, equations 6 to 9, with the temperatures of the authors' code; Lin 2021, equation 2.11,
    where the sign of the negatives is misprinted.
    """

    def __init__(
        self,
        alpha: float = 1.2,
        margin: float = 0.4,
        positive_temperature: float = 0.0,
        negative_temperature: float = 10.0,
        reduction: str = "weighted_mean",
    ):
        super().__init__()
        if margin > alpha:
            raise ConfigError(f"expected a margin of the ranked list loss of at most alpha={alpha}, found {margin}")
        self.alpha, self.margin = alpha, margin
        self.positive_temperature, self.negative_temperature = positive_temperature, negative_temperature
        self.reduction = choose("reduction of the ranked list loss", reduction, REDUCTIONS)

    def forward(self, feature: Tensor, expression: Tensor) -> Tensor:
        """Scalar loss."""
        distance = distances(directions(feature))
        other = expression[:, None] != expression
        same = ~other & ~torch.eye(len(feature), dtype=torch.bool, device=feature.device)
        far = same * (distance - (self.alpha - self.margin)).clamp(min=0)
        near = other * (self.alpha - distance).clamp(min=0)
        costs = self._of_kind(far, self.positive_temperature) + self._of_kind(near, self.negative_temperature)
        return costs.mean()

    def _of_kind(self, violation: Tensor, temperature: float) -> Tensor:
        """(B,) cost of each sample from its violations (B, B) of one kind; 0 means no violation."""
        weight = (violation > 0) * (temperature * violation.detach()).exp()
        total = (weight * violation).sum(1)
        if self.reduction == "sum":
            return total
        sums = weight.sum(1)
        return total / (2 * torch.where(sums > 0, sums, 1))
