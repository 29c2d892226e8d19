"""LeNets++, the small network of the center loss; its two-dimensional feature can be drawn."""

from itertools import pairwise

from torch import Tensor, nn

from fercli.errors import ConfigError
from fercli.prediction import Features


class LeNets(nn.Module):
    """Six 5x5 convolutions in three pairs, each pair followed by max pooling, and a linear layer to the feature.

    The papers leave four details open. Here pooling drops an odd last pixel, a PReLU follows the feature, each PReLU
    has one slope, and the initial weights are those of torch. With He's normal distribution, features start so large
    that DDA loss with gamma 7 diverged within an epoch at a learning rate of 0.001 (one trial; see
    benchmarks/README.md).

    Args:
        channels: of the images.
        size: height and width of the images in pixels.
        dim: width of the feature.

    Source: Wen et al. 2016, table 1.
    """

    def __init__(self, channels: int = 1, size: int = 28, dim: int = 2):
        super().__init__()
        self.size = size
        self.dim = dim
        widths = pairwise((channels, 32, 64, 128))
        self.convolutions = nn.Sequential(*(layer for pair in widths for layer in _pair(*pair)))
        self.feature = nn.Sequential(nn.Flatten(), nn.Linear(128 * (size // 8) ** 2, dim), nn.PReLU())

    def forward(self, image: Tensor) -> Features:
        """Features of (B, channels, size, size) images: vector (B, dim), map (B, 128, size // 8, size // 8)."""
        if tuple(image.shape[-2:]) != (self.size, self.size):
            found = "x".join(str(side) for side in image.shape[-2:])
            raise ConfigError(f"expected images of {self.size}x{self.size} pixels, found {found}; set backbone.size")
        last = self.convolutions(image)
        return Features(self.feature(last), last)


def _pair(num_in: int, num_out: int) -> tuple[nn.Module, ...]:
    first = nn.Conv2d(num_in, num_out, 5, padding=2)
    second = nn.Conv2d(num_out, num_out, 5, padding=2)
    return first, nn.PReLU(), second, nn.PReLU(), nn.MaxPool2d(2)
