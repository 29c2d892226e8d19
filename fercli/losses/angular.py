"""Softmax loss with a margin between the angles to the classes: SphereFace, ArcFace and CosFace in one formula."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fercli.errors import ConfigError
from fercli.ops.pairwise import full_precision


class AngularSoftmax(nn.Module):
    """Cross-entropy with cos(m_1 theta + m_2) - m_3 for the cosine of the true class; reads logits, expression.

    Where m_1 theta + m_2 exceeds pi, the cosine is continued by a function that keeps falling, as in SphereFace.

    The losses of pytorch-metric-learning have one of these margins each, and class weights that the classifier does
    not share. This loss reads the scores of `AngularHead`.

    Args:
        scale: s of the head.
        m_1: factor of the angle (SphereFace), 1 or more.
        m_2: added to the angle in radians (ArcFace), 0 or more.
        m_3: subtracted from the cosine (CosFace).

    Raises:
        ConfigError: the margin is out of its range.

    Source: Lin 2021, equation 2.5; Deng et al. 2019, equation 4.
    """

    def __init__(self, scale: float = 20.0, m_1: float = 1.0, m_2: float = 0.0, m_3: float = 0.0):
        super().__init__()
        if m_1 < 1 or m_2 < 0:
            raise ConfigError(f"expected m_1 of 1 or more and m_2 of 0 or more, found {m_1} and {m_2}")
        self.scale = scale
        self.m_1, self.m_2, self.m_3 = m_1, m_2, m_3

    def forward(self, logits: Tensor, expression: Tensor) -> Tensor:
        """Scalar loss of (B, K) scores, `scale` times a cosine."""
        logits = full_precision(logits)
        index = expression[:, None]
        own = self._with_margin(logits.gather(1, index) / self.scale)
        return F.cross_entropy(logits.scatter(1, index, self.scale * own), expression)

    def _with_margin(self, cosine: Tensor) -> Tensor:
        if self.m_1 == 1 and self.m_2 == 0:
            return cosine - self.m_3
        nearly = 1 - torch.finfo(cosine.dtype).eps  # closer to 1, the gradient of the angle is not finite
        angle = self.m_1 * cosine.clamp(-nearly, nearly).acos() + self.m_2
        turns = (angle.detach() / torch.pi).floor()
        return (1 - 2 * (turns % 2)) * angle.cos() - 2 * turns - self.m_3
