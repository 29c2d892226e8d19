"""Backbone and head: every method of one image, whatever it predicts and learns by."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from fercli.batch import Batch
from fercli.errors import DataError, choose
from fercli.methods.base import Method, Stream
from fercli.prediction import Prediction

STREAMS = ("face", "context")


class Recognizer(Method):
    """All methods that differ in their backbone, head and objective alone.

    Args:
        backbone: images (B, C, H, W) to `Features`, with attribute `dim`.
        head: `Features` to a dictionary of fields of `Prediction`, with attribute `feature_dim` where one of them is
            a feature of its own.
        stream: what is seen: `face`, or `context`, the whole image.
        frozen: the backbone stays as it starts, batch normalization and dropout included; the head alone learns.

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
        """The feature, and whatever the head predicts from it; a head may have a feature of its own.

        Raises:
            DataError: the whole image is to be seen, but is not in the batch.
        """
        features = self.backbone(self._image(batch))
        return Prediction(**{"feature": features.vector} | self.head(features))

    @property
    def seen(self) -> Sequence[str]:
        """The face, or the whole image."""
        return (self.stream,)

    def streams(self, batch: Batch) -> list[Stream]:
        """The only one."""
        return [Stream(self.stream, self.backbone, self._image(batch), self.head)]

    def _image(self, batch: Batch) -> Tensor:
        image = batch.image if self.stream == "face" else batch.context
        if image is None:
            raise DataError("expected the whole image around each face, found none; set inputs.context=true")
        return image
