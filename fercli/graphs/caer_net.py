"""The fusion of CAER-Net: attention over the places of the scene, then a weight for each of the two streams."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError, choose
from fercli.graphs.fusion import Fusion

STREAMS = {"face": ("face",), "context": ("context",), "both": ("face", "context")}


class ContextAttention(nn.Module):
    """Each place of a map times its share of attention; the shares of all places add up to 1.

    With scores e from two 3x3 convolutions of the map X, the first with batch normalization and ReLU:

        a_p = exp(e_p) / sum_q exp(e_q)        and        X'_p = a_p X_p

    Args:
        dim: D, channels of the map.
        hidden: channels between the two convolutions.

    Source: Lee et al. 2019, section 3.2, with 128 hidden channels; no activation is printed after the second
    convolution.
    """

    def __init__(self, dim: int, hidden: int = 128):
        super().__init__()
        self.scores = nn.Sequential(
            nn.Conv2d(dim, hidden, 3, padding=1), nn.BatchNorm2d(hidden), nn.ReLU(), nn.Conv2d(hidden, 1, 3, padding=1)
        )

    def weights(self, map: Tensor) -> Tensor:
        """(B, 1, h, w) shares of attention in (0, 1) of maps (B, D, h, w)."""
        scores: Tensor = self.scores(map)
        return scores.flatten(2).softmax(2).view_as(scores)

    def forward(self, map: Tensor) -> Tensor:
        """(B, D, h, w) attended maps of maps (B, D, h, w)."""
        return self.weights(map) * map


class CaerNetFusion(Fusion):
    """CAER-Net and CAER-Net-S: the weighted means of the face's map and of the attended map of the scene.

    Each mean x goes through two layers of its own (1x1 convolutions in the source): from D to `hidden` with ReLU, and
    from `hidden` to 1. A softmax over the two numbers gives the weights of the streams, which add up to 1:

        feature = [w_face x_face, w_context x_context]

    Args:
        map: channels, height and width of each map.
        variant: `both`, or one stream, `face` or `context`. The feature of one stream is its mean, without a weight.
        hidden: channels of the first layer, both of the attention and of the weights.

    Raises:
        ConfigError: unknown variant, or no map.

    Source: Lee et al. 2019, sections 3.2 and 3.3; Lin 2021, sections 1.2.1 and 4.5.1.
    """

    def __init__(self, map: Sequence[int] | None, variant: str = "both", hidden: int = 128):
        super().__init__()
        if map is None:
            raise ConfigError("the streams are fused from feature maps, which the backbone does not give")
        choose("method.fusion.variant", variant, STREAMS)
        self.streams = STREAMS[variant]
        dim = map[0]
        self.dim = dim * len(self.streams)
        self.attention = ContextAttention(dim, hidden) if "context" in self.streams else None
        self.scores = nn.ModuleDict()
        if variant == "both":
            for stream in self.streams:
                self.scores[stream] = nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, maps: dict[str, Tensor]) -> Tensor:
        """(B, dim) fused feature of maps (B, D, h, w) by stream, the part of the face first."""
        if self.attention is not None:
            maps = maps | {"context": self.attention(maps["context"])}
        means = {stream: maps[stream].mean((2, 3)) for stream in self.streams}
        if not self.scores:
            return means[self.streams[0]]
        weights = torch.cat([self.scores[stream](mean) for stream, mean in means.items()], 1).softmax(1)
        return torch.cat([weights[:, i : i + 1] * mean for i, mean in enumerate(means.values())], 1)
