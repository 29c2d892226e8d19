"""The small convolutional networks of CMGCN, CAER-Net-S and CAER-Net: one for the face and one for the scene."""

from itertools import pairwise

from torch import Tensor, nn

from fercli.backbones.video import checked_clip
from fercli.errors import ConfigError
from fercli.prediction import Features

WIDTHS = (32, 64, 128, 256, 256)


class CaerEncoder(nn.Module):
    """Five 3x3 convolutions with batch normalization and ReLU; max pooling halves the map after all but the last.

    Lin 2021 prints only that there are five layers, trained from scratch. The widths are those of CAER-Net-S. There the
    last convolution has a bias; here all convolutions have one.

    Args:
        channels: of the images.

    Source: Lee et al. 2019.
    """

    def __init__(self, channels: int = 3):
        super().__init__()
        self.dim = WIDTHS[-1]
        layers = [layer for pair in pairwise((channels, *WIDTHS)) for layer in _layer(*pair)]
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, image: Tensor) -> Features:
        """Features of images (B, channels, H, W) of 16 pixels or more: vector (B, 256), map (B, 256, H // 16, W // 16).

        The vector is the mean of the map, which is 0 or more.
        """
        last = self.layers(image)
        return Features(last.mean((2, 3)), last)


def _layer(num_in: int, num_out: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(num_in, num_out, 3, padding=1), nn.BatchNorm2d(num_out), nn.ReLU(), nn.MaxPool2d(2)


class CaerEncoder3D(nn.Module):
    """`CaerEncoder` with 3x3x3 convolutions over clips; the last map is averaged over time.

    The first pooling keeps all frames; each of the other three halves their number.

    Args:
        channels: of the images.

    Source: Lee et al. 2019, section 3.3.
    """

    def __init__(self, channels: int = 3):
        super().__init__()
        self.dim = WIDTHS[-1]
        pairs = list(pairwise((channels, *WIDTHS)))
        layers = [layer for i, pair in enumerate(pairs) for layer in _layer_3d(*pair, frames=1 if i == 0 else 2)]
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, image: Tensor) -> Features:
        """Features of clips (B, T, channels, H, W): vector (B, 256), map (B, 256, H // 16, W // 16).

        The vector is the mean of the map, which is 0 or more.

        Raises:
            ConfigError: the input is not clips, or the clips have fewer than 8 frames.
        """
        if checked_clip(image).shape[1] < 8:
            raise ConfigError(
                f"CAER-Net takes clips of 8 frames or more, found {image.shape[1]}; set inputs.clip.length"
            )
        last = self.layers(image.transpose(1, 2)).mean(2)
        return Features(last.mean((2, 3)), last)


def _layer_3d(num_in: int, num_out: int, frames: int) -> tuple[nn.Module, ...]:
    pool = nn.MaxPool3d((frames, 2, 2))
    return nn.Conv3d(num_in, num_out, 3, padding=1), nn.BatchNorm3d(num_out), nn.ReLU(), pool
