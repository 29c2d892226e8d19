"""Sparse center loss of the deep attentive center loss method (DACL)."""

import torch
from torch import Tensor, nn

from fercli.losses.center import center_loss, center_step
from fercli.ops.pairwise import full_precision


class SparseCenterLoss(nn.Module):
    """Center loss with squares weighted by attention; reads feature, expression, attention, centers.

    Each element has its own weight; with an attention of 1 it is center loss. The gradient that reaches the attention,
    (x - c)^2 / (2 B), is never negative, so this loss can only lower the attention. Only a small weight of the term
    keeps the attention away from 0. The attention heads have options against this collapse.

    Departs from the source: its equation 4.13 has a factor too many. This is the gradient of equation 4.4, as in the
    released code.

    Source: Farzaneh 2020, equations 4.4 and 4.12 to 4.14 (epsilon = 1, as released).
    """

    def forward(self, feature: Tensor, expression: Tensor, attention: Tensor, centers: Tensor) -> Tensor:
        """Scalar loss of feature (B, dim), expression (B,), attention (B, dim) in (0, 1) and centers (K, dim)."""
        return center_loss(feature, expression, centers, weight=full_precision(attention))

    @torch.no_grad()
    def center_step(self, feature: Tensor, expression: Tensor, attention: Tensor, centers: Tensor) -> Tensor:
        """(K, dim) delta of the centers; the attention weighs the pull of a sample, not its count."""
        return center_step(feature, expression, centers, weight=full_precision(attention))
