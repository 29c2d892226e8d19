"""Fusion of a face and its scene: what all ways of it share, and one without a graph, for comparison."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError


class Fusion(nn.Module):
    """Maps (B, D, h, w) by stream to one feature (B, dim), the part of the face first.

    Attributes:
        streams: those that it reads, `face`, `context` or both in this order.
        dim: width of the feature.
    """

    streams: Sequence[str]
    dim: int


class AdaptiveFusion(Fusion):
    """CAER-Net-S: the means of the two maps side by side, each times a weight that networks of their own give them.

    The two weights add up to 1. The width of the hidden layer is not printed in the source.

    Args:
        map: channels, height and width of either map.
        hidden: width of the layer between a mean and its score.

    Raises:
        ConfigError: no map.

    Source: Lee et al. 2019 as Lin 2021 describes it, section 2.
    """

    streams = ("face", "context")

    def __init__(self, map: Sequence[int] | None, hidden: int = 128):
        super().__init__()
        if map is None:
            raise ConfigError("the streams are fused from feature maps, which the backbone does not give")
        dim = map[0]
        self.dim = 2 * dim
        self.scores = nn.ModuleDict(
            {stream: nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), nn.Linear(hidden, 1)) for stream in self.streams}
        )

    def forward(self, maps: dict[str, Tensor]) -> Tensor:
        """(B, dim) fused feature of maps (B, D, h, w) by stream, the part of the face first."""
        means = {stream: maps[stream].mean((2, 3)) for stream in self.streams}
        weights = torch.cat([self.scores[stream](mean) for stream, mean in means.items()], 1).softmax(1)
        return torch.cat([weights[:, i : i + 1] * mean for i, mean in enumerate(means.values())], 1)
