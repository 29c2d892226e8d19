"""Contrastive loss over all pairs of a batch."""

from torch import Tensor, nn

from fercli.errors import ConfigError, choose
from fercli.ops.pairs import directions, distances

PAIRS = ("both", "positive", "negative")


def contrastive_losses(feature: Tensor, expression: Tensor, margin: float) -> tuple[Tensor, Tensor]:
    """Half the mean square of the distance over positive pairs, and of max(0, margin - distance) over negative ones.

    Each pair counts once. Without a pair of a kind, the loss of that kind is 0, with a gradient of 0.

    Args:
        feature: (B, dim).
        expression: (B,) int64; pairs of one class are positive.
        margin: distance from which on a negative pair costs nothing.

    Source: Hadsell et al. 2006; Antoniadis 2021, section 4.4.
    """
    distance = distances(feature)
    same = (expression[:, None] == expression).triu(1)
    other = (expression[:, None] != expression).triu(1)
    positive = (same * distance.square()).sum() / (2 * same.sum().clamp(min=1))
    negative = (other * (margin - distance).clamp(min=0).square()).sum() / (2 * other.sum().clamp(min=1))
    return positive, negative


class ContrastiveLoss(nn.Module):
    """`contrastive_losses`, both or one of them; reads feature, expression.

    Args:
        pairs: `both` (the sum), `positive` or `negative`.
        margin: of the negative pairs; the source does not print it.
        normalize: scale features to length 1 first. The source does not: features with many elements then lie further
            apart than a small margin, and negative pairs cost nothing.

    Raises:
        ConfigError: unknown pairs, or negative margin.
    """

    def __init__(self, pairs: str = "both", margin: float = 2.0, normalize: bool = False):
        super().__init__()
        if not margin >= 0:
            raise ConfigError(f"expected a margin of 0 or more, found {margin}")
        self.pairs = choose("choice of pairs", pairs, PAIRS)
        self.margin = margin
        self.normalize = normalize

    def forward(self, feature: Tensor, expression: Tensor) -> Tensor:
        """Scalar loss."""
        compared = directions(feature) if self.normalize else feature
        positive, negative = contrastive_losses(compared, expression, self.margin)
        return {"both": positive + negative, "positive": positive, "negative": negative}[self.pairs]
