"""Center local loss: center loss in which the center of a class is its mean in the mini-batch."""

import torch
from torch import Tensor, nn

from fercli.errors import choose
from fercli.losses.center import REDUCTIONS, half_squares
from fercli.ops.pairwise import full_precision


def class_means(values: Tensor, expression: Tensor) -> Tensor:
    """(B, d): for each row of values (B, d), the mean of the rows of its class in this batch; float32 or better."""
    values = full_precision(values)
    same = expression[:, None] == expression
    first = same.int().argmax(1)  # first row of the class: its sum is stored there
    total = torch.zeros_like(values).index_add_(0, first, values)
    return total[first] / same.sum(1, keepdim=True)


def center_local_loss(
    feature: Tensor,
    expression: Tensor,
    reduction: str = "mean",
    weight: Tensor | float = 1.0,
    detach_mean: bool = True,
) -> Tensor:
    """Half the squared distance of each sample to the mean of its class in the batch; 0 for a class of one sample.

    Args:
        feature: (B, dim).
        expression: (B,) int64.
        reduction: `mean` is 1 / (2 B); `sum`, as printed, is 1 / 2.
        weight: of the squares, (B, 1).
        detach_mean: whether the means are constants for the gradient. With equal weights the gradient is the same.

    Source: Antoniadis 2021, section 4.2.
    """
    means = class_means(feature, expression)
    return half_squares(full_precision(feature) - (means.detach() if detach_mean else means), reduction, weight)


class CenterLocalLoss(nn.Module):
    """`center_local_loss`; reads feature, expression.

    With several processes, the means are taken over the rows of all processes. With trainer.global_batch=false, each
    process uses the means of its own rows.

    Args:
        reduction: `mean` or `sum`.

    Raises:
        ConfigError: unknown reduction.
    """

    def __init__(self, reduction: str = "mean"):
        super().__init__()
        self.reduction = choose("reduction of the center local loss", reduction, REDUCTIONS)

    def forward(self, feature: Tensor, expression: Tensor) -> Tensor:
        """Scalar loss."""
        return center_local_loss(feature, expression, self.reduction)
