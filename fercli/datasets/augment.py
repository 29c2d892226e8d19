"""From the stored images of a batch to what the network sees; random while training, per sample.

All randomness comes from torch's global generator of the device that holds the images.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torchvision.transforms.v2 import functional as F

from fercli.errors import ConfigError


class Plain(nn.Module):
    """Resize and normalize, in training too.

    Args:
        size: height and width of the output in pixels.
        mean: of each channel in [0, 1].
        std: of each channel in [0, 1].
    """

    def __init__(self, size: int, mean: Sequence[float], std: Sequence[float]):
        super().__init__()
        self.size = size
        self.mean = list(mean)
        self.std = list(std)

    def forward(self, image: Tensor) -> Tensor:
        """(B, C, H, W) uint8 to (B, C, size, size) float32, normalized."""
        view = self.train_view(image) if self.training else self.test_view(image)
        if view.shape[1] != len(self.mean):
            raise ConfigError(
                f"images have {view.shape[1]} channels, augment.mean has {len(self.mean)} numbers; "
                "make data.mean and data.std as long as data.channels"
            )
        return F.normalize(F.to_dtype(view, torch.float32, scale=True), self.mean, self.std, inplace=True)

    def train_view(self, image: Tensor) -> Tensor:
        """What the network sees in training, uint8."""
        return self.test_view(image)

    def test_view(self, image: Tensor) -> Tensor:
        """What the network sees otherwise, uint8."""
        return F.resize(image, [self.size, self.size], antialias=True)


class ShiftFlip(Plain):
    """Each image moved by up to `shift` pixels along both axes, mirrored at its border, and flipped half of the time.

    Args:
        size: as for `Plain`.
        mean: as for `Plain`.
        std: as for `Plain`.
        shift: pixels of the output, less than size.
    """

    def __init__(self, size: int, mean: Sequence[float], std: Sequence[float], shift: int):
        super().__init__(size, mean, std)
        if not 0 <= shift < size:
            raise ConfigError(f"expected augment.shift between 0 and {size - 1}, one less than the size, found {shift}")
        self.shift = shift

    def train_view(self, image: Tensor) -> Tensor:
        """A random shift and flip of each image."""
        image = self.test_view(image)
        corners = torch.randint(-self.shift, self.shift + 1, (2, len(image)), device=image.device)
        return _windows(image, corners[0], corners[1], self.size)


class TenCrop(Plain):
    """One of ten views of each image: the center or a corner, flipped half of the time; the center crop in testing.

    Args:
        size: height and width of the crop.
        mean: as for `Plain`.
        std: as for `Plain`.
        resize: shorter side in pixels before cropping.

    Source: Farzaneh 2020, section 3.4; the drawing as in the released code, each view with probability 0.1.
    """

    def __init__(self, size: int, mean: Sequence[float], std: Sequence[float], resize: int):
        super().__init__(size, mean, std)
        if resize < size:
            raise ConfigError(f"expected augment.resize of at least augment.size ({size}), found {resize}")
        self.resize = resize

    def train_view(self, image: Tensor) -> Tensor:
        """A random one of the ten views of each image."""
        image = F.resize(image, [self.resize], antialias=True)
        corners = torch.tensor(self.corners(*image.shape[-2:]), device=image.device)
        drawn = corners[torch.randint(5, (len(image),), device=image.device)]
        return _windows(image, drawn[:, 0], drawn[:, 1], self.size)

    def test_view(self, image: Tensor) -> Tensor:
        """The center crop of each image."""
        image = F.resize(image, [self.resize], antialias=True)
        top, left = self.corners(*image.shape[-2:])[0]
        return F.crop(image, top, left, self.size, self.size)

    def corners(self, height: int, width: int) -> list[tuple[int, int]]:
        """Top and left of the five crops: center, top left, top right, bottom left, bottom right."""
        bottom, right = height - self.size, width - self.size
        return [(bottom // 2, right // 2), (0, 0), (0, right), (bottom, 0), (bottom, right)]


def _windows(image: Tensor, top: Tensor, left: Tensor, size: int) -> Tensor:
    """(B, C, size, size) window of each image at its (top, left), mirrored beyond the border, half of them flipped."""
    (num_images, num_channels), (height, width) = image.shape[:2], image.shape[-2:]
    pixels = torch.arange(size, device=image.device)
    flipped = torch.rand(num_images, 1, device=image.device) < 0.5
    rows = _mirrored(top[:, None] + pixels, height)
    columns = _mirrored(left[:, None] + torch.where(flipped, pixels.flip(0), pixels), width)
    cells = (rows[:, :, None] * width + columns[:, None, :]).flatten(1)
    # A single gather over flattened pixels is five times as fast as indexing with three index tensors.
    picked = image.flatten(2).gather(2, cells[:, None].expand(-1, num_channels, -1))
    return picked.unflatten(2, (size, size))


def _mirrored(index: Tensor, length: int) -> Tensor:
    """Indices beyond 0 and length - 1 reflected back, the border itself not repeated."""
    return (length - 1) - ((length - 1) - index.abs()).abs()
