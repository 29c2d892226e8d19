"""Class scores from the angles between a feature and the weights of the classes."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from fercli.heads.vectors import NamedVectors
from fercli.ops.pairs import directions
from fercli.prediction import Features


class AngularHead(nn.Module):
    """`scale` times the cosine of the feature with the weights of each class, in float32 or better.

    The scores have no margin. In training, `fercli.losses.angular` adds the margin for the true class.

    Args:
        dim: width of the feature.
        num_classes: K.
        scale: s, above 0.

    Source: Lin 2021, equation 2.5; scale in table 4-6.
    """

    def __init__(self, dim: int, num_classes: int, scale: float = 20.0):
        super().__init__()
        self.scale = scale
        self.weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(num_classes, dim)))

    def forward(self, features: Features) -> dict[str, Tensor]:
        """`logits` (B, K) in [-scale, scale], 0 for a feature of zeros; and `class_vectors` (K, dim)."""
        with torch.autocast(features.vector.device.type, enabled=False):
            logits = self.scale * directions(features.vector) @ directions(self.weight).T
        return {"logits": logits, "class_vectors": self.weight}

    def named_vectors(self, classes: Sequence[str]) -> NamedVectors:
        """Return the vectors of the classes."""
        return self.weight, list(classes)
