"""Depressed-CNN, the shallow network of DLGA-CNN."""

from itertools import chain, pairwise

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError
from fercli.ops.initialization import he_normal_
from fercli.prediction import Features

STRIDE = 8  # pixels of the image per cell of the map
CMP_KERNEL = 4


class DepressedCNN(nn.Module):
    """Five 3x3 convolutions with ReLU, and max pooling after the first three; the map has channels from two of them.

    Channel max pooling (CMP) reads the fourth convolution, as the text of the source says; its table does not say. The
    map has the channels of CMP and those of the fifth convolution. Weights are drawn from He's normal distribution; the
    source says only that they are random.

    Args:
        channels: of the images.
        width: channels of the first convolution; the others have 2, 4, 8 and 8 times as many. The source has 64.
        cmp: whether the map has the channels of CMP, before those of the last convolution.
        batch_norm: after every convolution. The source has none, but the network that it follows has (Li et al. 2019).

    Source: He, Chan and Wang 2021, table 2.
    """

    def __init__(self, channels: int = 3, width: int = 64, cmp: bool = True, batch_norm: bool = False):
        super().__init__()
        widths = (channels, width, 2 * width, 4 * width)
        stages = ((*_convolution(a, b, batch_norm), nn.MaxPool2d(2)) for a, b in pairwise(widths))
        self.stages = nn.Sequential(*chain.from_iterable(stages))
        self.conv4_1 = nn.Sequential(*_convolution(4 * width, 8 * width, batch_norm))
        self.conv4_2 = nn.Sequential(*_convolution(8 * width, 8 * width, batch_norm))
        self.cmp = cmp
        self.dim = (10 if cmp else 8) * width
        he_normal_(self)

    def forward(self, image: Tensor) -> Features:
        """Features of (B, channels, H, W) images: map (B, dim, H / 8, W / 8), vector (B, dim) the mean of the map.

        Raises:
            ConfigError: a side of the images is no multiple of 8 pixels.
        """
        if any(side % STRIDE or not side for side in image.shape[-2:]):
            found = "x".join(str(side) for side in image.shape[-2:])
            raise ConfigError(
                f"Depressed-CNN expects images whose sides are multiples of {STRIDE} pixels, found {found}; "
                "set augment.size"
            )
        fourth = self.conv4_1(self.stages(image))
        map = self.conv4_2(fourth)
        if self.cmp:
            map = torch.cat([channel_max_pool(fourth), map], dim=1)
        return Features(map.mean((2, 3)), map)


def channel_max_pool(map: Tensor, kernel: int = CMP_KERNEL) -> Tensor:
    """(B, C / kernel, H, W): at each place, the maximum over every `kernel` adjacent channels."""
    return map.unflatten(1, (-1, kernel)).amax(2)


def _convolution(num_in: int, num_out: int, batch_norm: bool) -> tuple[nn.Module, ...]:
    norm = (nn.BatchNorm2d(num_out),) if batch_norm else ()
    return nn.Conv2d(num_in, num_out, 3, padding=1), *norm, nn.ReLU()
