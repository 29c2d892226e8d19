"""Island loss: center loss, and a penalty that drives the centers apart."""

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError, choose
from fercli.losses.center import REDUCTIONS, center_loss, center_step, one_per_class
from fercli.ops.pairs import cosines, distances


def island_penalty(centers: Tensor) -> Tensor:
    """Sum of cosine + 1 over the ordered pairs of centers (K, dim); 0 for a single class.

    Source: Cai et al. 2018, equation 5.
    """
    return 2 * (cosines(centers) + 1).triu(1).sum()


def euclidean_island_penalty(centers: Tensor, margin: float) -> Tensor:
    """Sum of max(margin - distance, 0)^2 over the ordered pairs of centers (K, dim).

    If two centers are equal, no direction separates them, and the gradient of their pair is 0.

    Source: Antoniadis 2021, section 4.3.
    """
    return 2 * (margin - distances(centers)).clamp(min=0).square().triu(1).sum()


class IslandLoss(nn.Module):
    """Center loss + lambda_1 * `island_penalty`; reads feature, expression, centers.

    The centers move as in center loss, plus lambda_1 times the gradient of the penalty divided by 2 (K - 1). This is
    its mean over the other classes, each pair counted once. The network gets no gradient from the penalty.

    Args:
        lambda_1: weight of the penalty, also in the step of the centers; Antoniadis 2021 does not print it.
        reduction: of the center loss, `mean` is 1 / (2 B); `sum`, as printed, is 1 / 2.

    Raises:
        ConfigError: unknown reduction, or negative lambda_1.

    Source: Cai et al. 2018, equations 5 and 7; Antoniadis 2021, section 4.3.
    """

    overcounted = 2  # the penalty counts every pair twice

    def __init__(self, lambda_1: float = 10.0, reduction: str = "mean"):
        super().__init__()
        if not lambda_1 >= 0:
            raise ConfigError(f"expected lambda_1 of 0 or more, found {lambda_1}")
        self.lambda_1 = lambda_1
        self.reduction = choose("reduction of the island loss", reduction, REDUCTIONS)

    def penalty(self, centers: Tensor) -> Tensor:
        """Scalar, before lambda_1."""
        return island_penalty(centers)

    def forward(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """Scalar loss."""
        pulled = center_loss(feature, expression, centers, self.reduction)
        return pulled + self.lambda_1 * self.penalty(centers)

    @torch.no_grad()
    def center_step(self, feature: Tensor, expression: Tensor, centers: Tensor) -> Tensor:
        """(K, dim) delta of the centers."""
        push = torch.func.grad(self.penalty)(one_per_class(centers))
        others = max(len(centers) - 1, 1)
        return center_step(feature, expression, centers) + self.lambda_1 / (self.overcounted * others) * push


class EuclideanIslandLoss(IslandLoss):
    """Center loss + lambda_1 * `euclidean_island_penalty`; reads feature, expression, centers.

    The source prints no update of the centers. Here the step of the penalty is half that of island loss, because the
    penalty is a square and center loss moves by the gradient of half a square. Two centers that are too near then reach
    the margin in one step with alpha = 1/2 and lambda_1 = 1.

    Whether the penalty acts depends on how far apart the centers are. The source does not print how they are drawn.
    For 7 classes and features of 1,024 elements, the centers of `center_bank=wen` start 1.4 apart, within both margins
    of the source. The centers of `center_bank=he` start 23 to 25 apart: the penalty is then 0 until center loss has
    moved them to their samples. It stays 0 where the classes lie further apart than the margin.

    Args:
        margin: distance from which on two centers have no penalty; 2 and 5 in the source.
        lambda_1: weight of the penalty, also in the step of the centers; the source does not print it.
        reduction: of the center loss, `mean` is 1 / (2 B); `sum`, as printed, is 1 / 2.

    Raises:
        ConfigError: unknown reduction, or negative margin or lambda_1.
    """

    overcounted = 4

    def __init__(self, margin: float = 2.0, lambda_1: float = 1.0, reduction: str = "mean"):
        super().__init__(lambda_1, reduction)
        if not margin >= 0:
            raise ConfigError(f"expected a margin of 0 or more, found {margin}")
        self.margin = margin

    def penalty(self, centers: Tensor) -> Tensor:
        """Scalar, before lambda_1."""
        return euclidean_island_penalty(centers, self.margin)
