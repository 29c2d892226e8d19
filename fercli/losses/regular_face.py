"""Exclusive regularization of RegularFace, on class centers."""

import torch
from torch import Tensor, nn

from fercli.losses.center import one_per_class
from fercli.ops.pairs import cosines


def exclusive_regularization(centers: Tensor) -> Tensor:
    """Mean over the classes of the largest cosine of a center (K, dim) to another; 0 for a single class."""
    if len(centers) == 1:
        return 0 * centers.sum()
    own = torch.eye(len(centers), dtype=torch.bool, device=centers.device)
    return cosines(one_per_class(centers)).masked_fill(own, -torch.inf).max(1).values.mean()


class RegularFaceLoss(nn.Module):
    """`exclusive_regularization`, whose gradient moves the centers; reads centers.

    Departs from the source, which regularizes the rows of the classifier: those are no field of a prediction. The
    network gets no gradient, so this belongs beside a loss that reads the centers, such as center loss.

    Source: Zhao et al. 2019, equation 5.
    """

    def forward(self, centers: Tensor) -> Tensor:
        """Scalar loss."""
        return exclusive_regularization(centers)

    @torch.no_grad()
    def center_step(self, centers: Tensor) -> Tensor:
        """(K, dim) delta of the centers."""
        return torch.func.grad(exclusive_regularization)(one_per_class(centers))
