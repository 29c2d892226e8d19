"""The small convolutional network of which CMGCN and CAER-Net-S take one for the face and one for the scene."""

from itertools import pairwise

from torch import Tensor, nn

from fercli.prediction import Features

WIDTHS = (32, 64, 128, 256, 256)


class CaerEncoder(nn.Module):
    """Five 3x3 convolutions with batch normalization and ReLU; max pooling halves the map after all but the last.

    Lin 2021 prints five layers, trained from scratch, and nothing else of them; the widths are those of CAER-Net-S,
    where the last convolution has a bias and the others do as well here.

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
