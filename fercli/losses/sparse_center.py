"""Sparse center loss of the deep attentive center loss method (DACL)."""

import torch
from torch import Tensor, nn

from fercli.losses.center import center_loss, center_step
from fercli.ops.pairwise import full_precision


class SparseCenterLoss(nn.Module):
    """Center loss whose squares are weighed by attention, element by element; reads feature, expression, attention,
    centers.

    With an attention of 1 it is center loss. The gradient that reaches the attention, (x - c)^2 / (2 B), is never
    negative, so nothing but a small weight holds the attention away from 0: the attention heads have options against
    this collapse. Departs from the print, whose equation 4.13 has a spurious factor: this is the gradient of
    equation 4.4, as in the released code.

    Source: Farzaneh 2020, equations 4.4 and 4.12 to 4.14 (epsilon = 1, as released).
    """

    def forward(self, feature: Tensor, expression: Tensor, attention: Tensor, centers: Tensor) -> Tensor:
        """Scalar loss of feature (B, dim), expression (B,), attention (B, dim) in (0, 1) and centers (K, dim)."""
        return center_loss(feature, expression, centers, weight=full_precision(attention))

    @torch.no_grad()
    def center_step(self, feature: Tensor, expression: Tensor, attention: Tensor, centers: Tensor) -> Tensor:
        """(K, dim) delta of the centers; the attention weighs the pull of a sample, not its count."""
        return center_step(feature, expression, centers, weight=full_precision(attention))
