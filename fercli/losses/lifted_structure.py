"""Lifted structure loss: each positive pair against the negatives of both its samples."""

import torch
from torch import Tensor, nn

from fercli.ops.pairs import distances


class LiftedStructureLoss(nn.Module):
    """Half the mean hinge over the positive pairs; reads feature, expression.

    The hinge of a pair (i, j) is [d_ij + log(sum over k of exp(margin - d_ik) + exp(margin - d_jk))]_+. Here d is the
    Euclidean distance of the features without normalization, and k runs over the samples of other classes. The loss of
    a batch without a positive pair, or of a single class, is 0. Memory grows with B^2.

    `pytorch_metric_learning.losses.LiftedStructureLoss` squares the hinge, as in Oh Song et al. 2016, divides the
    features by their length, and needs memory for B^4 numbers. `GeneralizedLiftedStructureLoss` is another loss: it
    joins all positives of a sample in one sum (Hermans et al. 2017).

    Args:
        margin: alpha; a negative that is further away adds less than 1 to the sum.

    Source: Lin 2021, equation 2.10, with its indices corrected; the equation does not square the hinge.
    """

    def __init__(self, margin: float = 1.0):
        super().__init__()
        self.margin = margin

    def forward(self, feature: Tensor, expression: Tensor) -> Tensor:
        """Scalar loss."""
        distance = distances(feature)
        other = expression[:, None] != expression
        several = other.any()
        # In a batch of one class nothing is masked, because the gradient of an empty sum is NaN; no pair counts there.
        push = (self.margin - distance).masked_fill(~other & several, -torch.inf).logsumexp(1)
        hinge = (distance + torch.logaddexp(push[:, None], push)).clamp(min=0)
        pairs = (~other).triu(1)
        return torch.where(pairs & several, hinge, 0).sum() / (2 * pairs.sum().clamp(min=1))
