"""Class scores together with a place in the valence-arousal plane; three ways of sharing the feature."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError, choose
from fercli.heads.vectors import AFFECT, NamedVectors
from fercli.prediction import Features

FUSIONS = ("classic", "concatenate", "separate")
NUM_SECTORS = (1, 2, 4, 8, 12)


class MultiTaskHead(nn.Module):
    """A linear layer for the classes, initialized first, and one for valence and arousal or the sectors of their plane.

    Args:
        dim: width of the feature.
        num_classes: K.
        num_sectors: None: predict valence and arousal themselves. 2, 4, 8 or 12: one score for each sector. 1: one
            score for two halves, as squared error and binary cross-entropy need it.
        fusion: `classic`: both layers read the feature. `concatenate`: the layer for the classes reads the output of
            the other (before softmax) as well, and gradients pass through it. `separate`: each layer follows
            its own hidden layer, as wide as the feature, with ReLU.

    Raises:
        ConfigError: unknown fusion or number of sectors.

    Source: Antoniadis 2021, sections 5.1 and 5.2; widths and activation of `separate` are not given there.
    """

    def __init__(self, dim: int, num_classes: int, num_sectors: int | None = None, fusion: str = "classic"):
        super().__init__()
        choose("head.fusion", fusion, FUSIONS)
        if num_sectors is not None and num_sectors not in NUM_SECTORS:
            raise ConfigError(f"expected head.num_sectors as null, 1, 2, 4, 8 or 12, found {num_sectors}")
        self.num_sectors = num_sectors
        num_outputs = 2 if num_sectors is None else num_sectors
        self.field = "predicted_affect" if num_sectors is None else "sector_logits"
        self.concatenates = fusion == "concatenate"
        self.expression = _branch(dim, num_classes, fusion, dim + num_outputs if self.concatenates else dim)
        self.affect = _branch(dim, num_outputs, fusion, dim)

    def forward(self, features: Features) -> dict[str, Tensor]:
        """`logits` (B, K), and `predicted_affect` (B, 2) or `sector_logits` (B, num_sectors)."""
        affect = self.affect(features.vector)
        read = torch.cat([features.vector, affect], 1) if self.concatenates else features.vector
        return {"logits": self.expression(read), self.field: affect}

    def named_vectors(self, classes: Sequence[str]) -> NamedVectors | None:
        """Return the vectors of the classes, and of predicted valence and arousal; None if there are hidden layers."""
        if not (isinstance(self.expression, nn.Linear) and isinstance(self.affect, nn.Linear)):
            return None
        expression = self.expression.weight[:, : self.affect.in_features]
        if self.field != "predicted_affect":
            return expression, list(classes)
        return torch.cat([expression, self.affect.weight]), [*classes, *AFFECT]


def _branch(dim: int, num_outputs: int, fusion: str, num_inputs: int) -> nn.Module:
    last = nn.Linear(num_inputs, num_outputs)
    return nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), last) if fusion == "separate" else last
