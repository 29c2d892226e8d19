"""Backbone and head: every method of one image, whatever it predicts and learns by."""

from typing import Any

from torch import nn

from fercli.batch import Batch
from fercli.methods.base import Method
from fercli.prediction import Prediction


class Recognizer(Method):
    """All methods that differ in their backbone, head and objective alone.

    Args:
        backbone: images (B, C, H, W) to `Features`, with attribute `dim`.
        head: `Features` to a dictionary of fields of `Prediction`, with attribute `feature_dim` where one of them is
            a feature of its own.
    """

    backbone: nn.Module
    head: nn.Module

    def __init__(self, backbone: nn.Module, head: nn.Module, **shared: Any):
        super().__init__(**shared)
        self.backbone = backbone
        self.head = head

    @property
    def feature_dim(self) -> int:
        """Width of the head's own feature, or of the backbone's."""
        dim: int = getattr(self.head, "feature_dim", None) or self.backbone.dim  # type: ignore[assignment]
        return dim

    def forward(self, batch: Batch) -> Prediction:
        """The feature, and whatever the head predicts from it; a head may have a feature of its own."""
        features = self.backbone(batch.image)
        return Prediction(**{"feature": features.vector} | self.head(features))
