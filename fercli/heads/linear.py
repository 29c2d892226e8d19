"""One linear layer from the feature to what is predicted."""

from collections.abc import Sequence

from torch import Tensor, nn

from fercli.heads.vectors import AFFECT, NamedVectors
from fercli.prediction import Features


class LinearHead(nn.Linear):
    """Class scores; the parameters and their initialization are those of `torch.nn.Linear`.

    Args:
        dim: width of the feature.
        num_classes: K.
        bias: equation 5.1.1 of Antoniadis 2021 has none; its released code has one.
    """

    def __init__(self, dim: int, num_classes: int, bias: bool = True):
        super().__init__(dim, num_classes, bias)

    def forward(self, features: Features) -> dict[str, Tensor]:  # type: ignore[override]
        """`logits` (B, K) and `class_vectors` (K, dim)."""
        return {"logits": super().forward(features.vector), "class_vectors": self.weight}

    def named_vectors(self, classes: Sequence[str]) -> NamedVectors:
        """Return the vectors of the classes."""
        return self.weight, list(classes)


class RegressionHead(nn.Linear):
    """Valence and arousal without a final activation, and no class scores.

    Args:
        dim: width of the feature.

    Source: Antoniadis 2021, the single-task regressor of table 6.3.
    """

    def __init__(self, dim: int, bias: bool = True):
        super().__init__(dim, 2, bias)

    def forward(self, features: Features) -> dict[str, Tensor]:  # type: ignore[override]
        """`predicted_affect` (B, 2)."""
        return {"predicted_affect": super().forward(features.vector)}

    def named_vectors(self, classes: Sequence[str]) -> NamedVectors:
        """Return the vectors of valence and arousal."""
        return self.weight, list(AFFECT)
