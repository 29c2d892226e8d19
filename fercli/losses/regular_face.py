"""Exclusive regularization of RegularFace: the vectors of the classes turn away from each other."""

import torch
from torch import Tensor, nn

from fercli.losses.center import one_per_class
from fercli.ops.pairs import cosines


def exclusive_regularization(vectors: Tensor) -> Tensor:
    """Mean over the classes of the largest cosine of a vector (K, dim) to another; 0 for a single class.

    Source: Zhao et al. 2019, equation 5; Lin 2021, equation 2.6.
    """
    if len(vectors) == 1:
        return 0 * vectors.sum()
    own = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    return cosines(vectors).masked_fill(own, -torch.inf).max(1).values.mean()


class RegularFaceLoss(nn.Module):
    """`exclusive_regularization` of the weights of the classifier, which get its gradient; reads class_vectors.

    The features get no gradient, so use it together with a loss of the class scores.

    Source: Zhao et al. 2019, equation 5; Lin 2021, equation 2.6.
    """

    def forward(self, class_vectors: Tensor) -> Tensor:
        """Scalar loss of (K, dim) vectors."""
        return exclusive_regularization(class_vectors)


class RegularFaceCenters(nn.Module):
    """`exclusive_regularization` of the class centers; its gradient moves them; reads centers.

    Departs from the source, which regularizes the weights of the classifier. The network gets no gradient, so use it
    together with a loss that reads the centers, such as center loss.
    """

    def forward(self, centers: Tensor) -> Tensor:
        """Scalar loss."""
        return exclusive_regularization(one_per_class(centers))

    @torch.no_grad()
    def center_step(self, centers: Tensor) -> Tensor:
        """(K, dim) delta of the centers."""
        return torch.func.grad(exclusive_regularization)(one_per_class(centers))
