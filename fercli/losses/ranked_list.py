"""Ranked list loss: positives inside of a ball around each sample, negatives outside of a larger one."""

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError
from fercli.ops.pairs import directions, distances


class RankedListLoss(nn.Module):
    """Weighted violations of pairs, summed for each sample, mean over the samples; reads feature, expression.

    A negative at distance d falls short by [alpha - d]_+, a positive by [d - (alpha - margin)]_+, features brought to
    length 1. The weight of a pair is exp(temperature * violation), without gradient.

    `pytorch_metric_learning.losses.RankedListLoss` differs: as Wang et al. 2019, it divides the sum of each kind by the
    sum of its weights, and takes half of either.

    Args:
        alpha: radius within which no negative is to lie.
        margin: between that and the radius within which all positives are to lie.
        positive_temperature: 0 weighs all positives the same.
        negative_temperature: the same of the negatives.

    Raises:
        ConfigError: the margin exceeds alpha.

    Source: Lin 2021, equation 2.11, where the sign of the negatives is misprinted.
    """

    def __init__(
        self,
        alpha: float = 1.2,
        margin: float = 0.4,
        positive_temperature: float = 0.0,
        negative_temperature: float = 0.0,
    ):
        super().__init__()
        if margin > alpha:
            raise ConfigError(f"expected a margin of the ranked list loss of at most alpha={alpha}, found {margin}")
        self.alpha, self.margin = alpha, margin
        self.positive_temperature, self.negative_temperature = positive_temperature, negative_temperature

    def forward(self, feature: Tensor, expression: Tensor) -> Tensor:
        """Scalar loss."""
        distance = distances(directions(feature))
        other = expression[:, None] != expression
        same = ~other & ~torch.eye(len(feature), dtype=torch.bool, device=feature.device)
        far = (distance - (self.alpha - self.margin)).clamp(min=0)
        near = (self.alpha - distance).clamp(min=0)
        far = far * (self.positive_temperature * far.detach()).exp()
        near = near * (self.negative_temperature * near.detach()).exp()
        return (same * far + other * near).sum() / len(feature)
