"""Face and scene, each with a network of its own, fused before the head: CMGCN, its ablations and CAER-Net."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from fercli.batch import Batch
from fercli.errors import ConfigError, DataError
from fercli.graphs.fusion import Fusion
from fercli.methods.base import Method, Stream
from fercli.methods.shown import PixelGraph
from fercli.prediction import Features, Prediction


class CrossModal(Method):
    """A backbone for the face, one for the scene, and a fusion of their maps that the head reads.

    A stream that the fusion does not read has no network, because its weights would never get a gradient.

    Args:
        backbone: from images (B, C, H, W) or clips (B, T, C, H, W) of the face to `Features` with a map.
        context_backbone: the same for the scene, with weights of its own.
        fusion: of the maps of the two backbones.
        head: function that builds the head from `dim`, the width of the fused feature; a partial in the yaml files.

    Raises:
        ConfigError: the head is already built, for the width of a single stream.

    Source: Lin 2021, chapter 3.
    """

    def __init__(
        self,
        backbone: nn.Module,
        context_backbone: nn.Module,
        fusion: Fusion,
        head: Callable[..., nn.Module],
        **shared: Any,
    ):
        super().__init__(**shared)
        if isinstance(head, nn.Module):
            raise ConfigError("expected a head that can be built for two streams; set head._partial_=true")
        self.backbone = backbone if "face" in fusion.streams else None
        self.context_backbone = context_backbone if "context" in fusion.streams else None
        self.fusion = fusion
        self.head = head(dim=fusion.dim)

    @property
    def feature_dim(self) -> int:
        """Width of the head's own feature, or of the fused one."""
        dim: int = getattr(self.head, "feature_dim", self.fusion.dim)
        return dim

    def maps(self, batch: Batch) -> dict[str, Tensor]:
        """Return the last feature map (B, D, h, w) of each stream that the fusion reads.

        Raises:
            DataError: the fusion reads the scene, but the batch has none.
        """
        maps = {}
        for stream, backbone, images in (
            ("face", self.backbone, batch.image),
            ("context", self.context_backbone, batch.context),
        ):
            if backbone is None:
                continue
            if images is None:
                raise DataError("expected the scene around each face, found none; set inputs.context=true")
            maps[stream] = backbone(images).map
        return maps

    def forward(self, batch: Batch) -> Prediction:
        """Predict the fused feature, and everything that the head predicts from it."""
        feature = self.fusion(self.maps(batch))
        return Prediction(**{"feature": feature} | self.head(Features(feature)))

    @property
    def seen(self) -> Sequence[str]:
        """The streams that the fusion reads."""
        return self.fusion.streams

    def streams(self, batch: Batch) -> list[Stream]:
        """Return each stream with a head that fuses its map with the unchanged map of the other stream."""
        with torch.no_grad():
            maps = self.maps(batch)
        parts = (("face", self.backbone, batch.image), ("context", self.context_backbone, batch.context))
        return [
            Stream(name, network, image, self._fused(maps, name))
            for name, network, image in parts
            if network is not None and image is not None
        ]

    def _fused(self, maps: dict[str, Tensor], name: str) -> Callable[[Features], dict[str, Tensor]]:
        """Return a function that replaces one map by that of its argument, fuses the maps and applies the head."""

        def head(features: Features) -> dict[str, Tensor]:
            assert features.map is not None
            fields: dict[str, Tensor] = self.head(Features(self.fusion(maps | {name: features.map})))
            return fields

        return head

    @torch.no_grad()
    def pixel_graph(self, batch: Batch, seed: int) -> PixelGraph | None:
        """Return the graph between the pixels of the streams, from one draw of the sampling; None if there is none."""
        maps = self.maps(batch)
        found = self.fusion.graph(maps, seed=seed)
        if found is None:
            return None
        similarity, weights = (list(graph.double().cpu().numpy()) for graph in found)
        height, width = maps[self.fusion.streams[-1]].shape[-2:]
        return PixelGraph(self.fusion.streams, similarity, weights, (height, width))
