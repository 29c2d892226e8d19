"""From the stored images of a batch to what the network sees; random while training, per sample.

All randomness comes from torch's global generator of the device that holds the images.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torchvision.transforms.v2 import ColorJitter
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

    def forward(self, image: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """(B, C, H, W) uint8 to (B, C, size, size) float32, normalized; a mask (B, 1, H, W) moves as its image does."""
        num_channels = image.shape[1]
        if num_channels != len(self.mean):
            raise ConfigError(
                f"images have {num_channels} channels, augment.mean has {len(self.mean)} numbers; "
                "make data.mean and data.std as long as data.channels"
            )
        view = image if mask is None else torch.cat([image, mask], dim=1)
        view = self.train_view(view) if self.training else self.test_view(view)
        image, moved = view[:, :num_channels], view[:, num_channels:]
        if self.training:
            image = self.colored(image)
        image = F.normalize(F.to_dtype(image, torch.float32, scale=True), self.mean, self.std, inplace=True)
        return image, None if mask is None else moved

    def train_view(self, image: Tensor) -> Tensor:
        """What the network sees in training, uint8."""
        return self.test_view(image)

    def colored(self, image: Tensor) -> Tensor:
        """Images in training with other colors, uint8."""
        return image

    def test_view(self, image: Tensor) -> Tensor:
        """What the network sees otherwise, uint8."""
        return F.resize(image, [self.size, self.size], antialias=True)


class Jitter(Plain):
    """Each image moved, turned, scaled, flipped half of the time, and changed in color; mirrored beyond its border.

    All draws are uniform and per image. With the defaults, only the flip is random.

    Args:
        size: as for `Plain`.
        mean: as for `Plain`.
        std: as for `Plain`.
        shift: at most this many whole pixels of the output along both axes, less than size.
        rotation: at most this many degrees in both directions.
        scale: the factor of the size lies in [1 - scale, 1 + scale], scale in [0, 1).
        brightness, contrast, saturation: their factors lie in [1 - x, 1 + x], x in [0, 1].
        hue: at most this share of the color circle in both directions, in [0, 0.5].
    """

    def __init__(
        self,
        size: int,
        mean: Sequence[float],
        std: Sequence[float],
        shift: int = 0,
        rotation: float = 0.0,
        scale: float = 0.0,
        brightness: float = 0.0,
        contrast: float = 0.0,
        saturation: float = 0.0,
        hue: float = 0.0,
    ):
        super().__init__(size, mean, std)
        if not 0 <= shift < size:
            raise ConfigError(f"expected augment.shift between 0 and {size - 1}, one less than the size, found {shift}")
        if not 0 <= scale < 1:
            raise ConfigError(f"expected augment.scale of at least 0 and less than 1, found {scale}")
        self.shift = shift
        self.rotation = rotation
        self.scale = scale
        strengths = {"brightness": brightness, "contrast": contrast, "saturation": saturation, "hue": hue}
        try:
            self.color = ColorJitter(**strengths) if any(strengths.values()) else None
        except ValueError as error:
            raise ConfigError(f"augment refuses its options: {error}") from error

    def train_view(self, image: Tensor) -> Tensor:
        """A random view of each image."""
        image = self.test_view(image)
        n = len(image)
        angle = torch.deg2rad(self.rotation * (2 * torch.rand(n, device=image.device) - 1))
        zoom = 1 + self.scale * (2 * torch.rand(n, device=image.device) - 1)
        mirror = torch.where(torch.rand(n, device=image.device) < 0.5, -1.0, 1.0)
        offset = torch.randint(-self.shift, self.shift + 1, (2, n), device=image.device) * (2 / self.size)
        # From a place in the output to the place in the input, both in [-1, 1]: grid_sample wants the inverse map.
        cos, sin = torch.cos(angle) / zoom, torch.sin(angle) / zoom
        to_input = torch.stack([cos * mirror, -sin, offset[0], sin * mirror, cos, offset[1]], dim=1).view(n, 2, 3)
        grid = nn.functional.affine_grid(to_input, list(image.shape), align_corners=False)
        moved = nn.functional.grid_sample(image.float(), grid, padding_mode="reflection", align_corners=False)
        return moved.round_().to(torch.uint8)

    def colored(self, image: Tensor) -> Tensor:
        """Each image with a change of color of its own."""
        return image if self.color is None else torch.stack([self.color(single) for single in image])


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
