"""Class scores together with a mask of the eyes and the mouth."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from fercli.errors import ConfigError
from fercli.heads.linear import LinearHead
from fercli.prediction import Features


class MaskHead(LinearHead):
    """A `LinearHead`, and a decoder that predicts the mask at eight times the side of the last feature map.

    The source shows its decoder only in a figure. Here it is a 3x3 convolution to 256 channels, three upsampling stages
    to 128, 64 and 32 channels, and a 1x1 convolution to one score. Each stage doubles the side by bilinear
    interpolation, followed by a 3x3 convolution. ReLU follows each 3x3 convolution.

    Args:
        dim: width of the feature.
        num_classes: K.
        map: channels, height and width of the backbone's last map; 7x7 gives masks of 56x56.

    Raises:
        ConfigError: the backbone gives no map.

    Source: Antoniadis 2021, section 5.1.
    """

    def __init__(self, dim: int, num_classes: int, map: Sequence[int] | None):
        super().__init__(dim, num_classes)
        if map is None:
            raise ConfigError(
                "this head reads the last feature map, which the backbone does not give; set backbone.map"
            )
        first = nn.Conv2d(map[0], 256, 3, padding=1)
        doubled = (layer for pair in pairwise((256, 128, 64, 32)) for layer in _doubled(*pair))
        self.decoder = nn.Sequential(first, nn.ReLU(), *doubled, nn.Conv2d(32, 1, 1))

    def forward(self, features: Features) -> dict[str, Tensor]:  # type: ignore[override]
        """`logits` (B, K) and `mask_logits` (B, 8 H, 8 W) of maps (B, C, H, W)."""
        return super().forward(features) | {"mask_logits": self.decoder(features.map)[:, 0]}


def _doubled(num_in: int, num_out: int) -> tuple[nn.Module, ...]:
    double = nn.Upsample(scale_factor=2, mode="bilinear")
    return double, nn.Conv2d(num_in, num_out, 3, padding=1), nn.ReLU()
