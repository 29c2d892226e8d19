"""Backbone and head: all methods that read one image, with any head and any loss."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from fercli.batch import Batch
from fercli.errors import DataError, choose
from fercli.methods.base import Method, Stream
from fercli.prediction import Prediction

STREAMS = ("face", "context")


class Recognizer(Method):
    """A backbone and a head; methods of this class differ only in backbone, head and objective.

    Args:
        backbone: from images (B, C, H, W) to `Features`, with attribute `dim`.
        head: from `Features` to a dictionary of fields of `Prediction`. It needs the attribute `feature_dim` if these
            fields include a feature of its own.
        stream: what the backbone reads: `face`, or `context`, the whole image.
        frozen: only the head learns. The backbone stays as it starts, including batch normalization and dropout.

    Raises:
        ConfigError: unknown stream.
    """

    backbone: nn.Module
    head: nn.Module

    def __init__(self, backbone: nn.Module, head: nn.Module, stream: str = "face", frozen: bool = False, **shared: Any):
        super().__init__(**shared)
        choose("method.stream", stream, STREAMS)
        self.backbone = backbone.requires_grad_(not frozen)
        self.head = head
        self.stream = stream
        if frozen:
            self.keep_evaluating([backbone])

    @property
    def feature_dim(self) -> int:
        """Width of the head's own feature, or of the backbone's."""
        dim: int = getattr(self.head, "feature_dim", None) or self.backbone.dim  # type: ignore[assignment]
        return dim

    def forward(self, batch: Batch) -> Prediction:
        """Predict the feature, and everything that the head predicts from it; a head may replace the feature.

        Raises:
            DataError: the backbone reads the whole image, but the batch has none.
        """
        features = self.backbone(self._image(batch))
        return Prediction(**{"feature": features.vector} | self.head(features))

    @property
    def seen(self) -> Sequence[str]:
        """The face, or the whole image."""
        return (self.stream,)

    def streams(self, batch: Batch) -> list[Stream]:
        """Return the only stream."""
        return [Stream(self.stream, self.backbone, self._image(batch), self.head)]

    def _image(self, batch: Batch) -> Tensor:
        image = batch.image if self.stream == "face" else batch.context
        if image is None:
            raise DataError("expected the whole image around each face, found none; set inputs.context=true")
        return image
