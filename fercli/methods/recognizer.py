"""Backbone and classifier: every method whose forward pass is feature -> class scores."""

from typing import Any

from torch import nn

from fercli.batch import Batch
from fercli.methods.base import Method
from fercli.prediction import Prediction


class Recognizer(Method):
    """Softmax, center, DDA and all other methods that differ in their objective alone.

    Args:
        backbone: images (B, C, H, W) to `Features`, with attribute `dim`.
        head: (B, dim) to class scores (B, K).
    """

    def __init__(self, backbone: nn.Module, head: nn.Module, **shared: Any):
        super().__init__(**shared)
        self.backbone = backbone
        self.head = head

    def forward(self, batch: Batch) -> Prediction:
        """Feature and class scores."""
        features = self.backbone(batch.image)
        return Prediction(feature=features.vector, logits=self.head(features.vector))
