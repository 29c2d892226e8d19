"""Cut a random part, of random size and shape, out of each image and resize it to a square; for images of things."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from fercli.datasets.augment import Plain, View
from fercli.errors import ConfigError
from fercli.ops.constant import constant
from fercli.ops.motion import chained, moved_by_crop
from fercli.ops.resample import resized_parts

NUM_TRIES = 10  # to draw a part that fits into the image; if none fits, the middle is taken
RATIOS = (3 / 4, 4 / 3)  # of width to height


class RandomResizedCrop(Plain):
    """Cut out a random part of each image and flip some; testing takes the middle square. Images may have any shape.

    The share of the image's area is drawn uniformly. The ratio of width to height is drawn log-uniformly from 3 / 4 to
    4 / 3. `torchvision.transforms.RandomResizedCrop` draws in the same way; here the numbers come from the generator of
    the images' device, so that they are reproducible.

    Args:
        size: as for `Plain`.
        mean: as for `Plain`.
        std: as for `Plain`.
        scale: least and greatest share of the area of the image, in (0, 1].
        flip: probability of a flip.
        middle: side of the square in testing, as a share of the shorter side of the image, in (0, 1].

    Raises:
        ConfigError: a share or a probability is out of its range.

    Source: public code beside Wang et al. 2019 (multi-similarity loss): shares from 0.16 to 1, 227 of 256 pixels in
    testing.
    """

    def __init__(
        self,
        size: int,
        mean: Sequence[float],
        std: Sequence[float],
        scale: Sequence[float] = (0.16, 1.0),
        flip: float = 0.5,
        middle: float = 227 / 256,
    ):
        super().__init__(size, mean, std)
        if len(scale) != 2 or not 0 < scale[0] <= scale[1] <= 1:
            raise ConfigError(f"expected augment.scale as two shares above 0 and at most 1, found {list(scale)}")
        if not 0 <= flip <= 1:
            raise ConfigError(f"expected augment.flip as a probability from 0 to 1, found {flip}")
        if not 0 < middle <= 1:
            raise ConfigError(f"expected augment.middle above 0 and at most 1, found {middle}")
        self.scale, self.flip, self.middle = tuple(scale), flip, middle

    @property
    def changes(self) -> tuple[str, ...]:
        """The part that is cut out, and the flip where there is one."""
        return ("crop", "flip") if self.flip else ("crop",)

    def view(self, image: Tensor, extent: Tensor | None) -> View:
        """Return a random part of each image, or its middle square in testing."""
        n, device = image.shape[0], image.device
        if extent is None:
            extent = constant(image.shape[-2:], device).expand(n, 2)
        is_drawn, is_flipped = self.training and self.makes("crop"), self.training and self.makes("flip")
        parts = drawn_parts(extent, *self.scale) if is_drawn else middle_squares(extent, self.middle)
        flipped = torch.rand(n, device=device) < self.flip if is_flipped else torch.zeros_like(parts[:, 0]).bool()
        view = resized_parts(image, parts, self.size, flipped)
        corner = torch.zeros_like(parts[:, 0])
        mirrored = moved_by_crop(corner, corner, flipped, self.size)
        return view, chained(self._resized(parts), mirrored)

    def _resized(self, parts: Tensor) -> Tensor:
        """Return the (B, 2, 3) motion of cutting the parts out and resizing them."""
        top, left, height, width = parts.float().T
        x, y, zero = self.size / width, self.size / height, torch.zeros_like(width)
        motion = torch.stack([x, zero, x * (0.5 - left) - 0.5, zero, y, y * (0.5 - top) - 0.5], dim=1)
        return motion.view(-1, 2, 3)


def drawn_parts(extent: Tensor, least: float, greatest: float) -> Tensor:
    """Draw a part of each image: (B, 4) int64 top, left, height, width from (B, 2) heights and widths.

    Of `NUM_TRIES` drawn shapes, take the first that fits into the image. If none fits, take the largest part in the
    middle of the image whose ratio of width to height lies within `RATIOS`.
    """
    n, device = len(extent), extent.device
    height, width = extent.T[:, :, None]
    area = height * width * (least + (greatest - least) * torch.rand(n, NUM_TRIES, device=device))
    low, high = map(math.log, RATIOS)
    ratio = (low + (high - low) * torch.rand(n, NUM_TRIES, device=device)).exp()
    shapes = torch.stack([(area / ratio).sqrt().round(), (area * ratio).sqrt().round()], dim=2).long()
    fits = ((shapes > 0) & (shapes <= extent[:, None])).all(2)
    first = fits.byte().argmax(1)  # 0 where none fits
    ratio_of_image = extent[:, 1] / extent[:, 0]
    whole = torch.stack(
        [
            torch.where(ratio_of_image < RATIOS[0], (extent[:, 1] / RATIOS[0]).round().long(), extent[:, 0]),
            torch.where(ratio_of_image > RATIOS[1], (extent[:, 0] * RATIOS[1]).round().long(), extent[:, 1]),
        ],
        dim=1,
    )
    found = fits.any(1)
    shape = torch.where(found[:, None], shapes[torch.arange(n, device=device), first], whole)
    spare = extent - shape
    corner = (torch.rand(n, 2, device=device) * (spare + 1)).long().minimum(spare)
    return torch.cat([torch.where(found[:, None], corner, spare // 2), shape], dim=1)


def middle_squares(extent: Tensor, share: float) -> Tensor:
    """Return (B, 4) int64 top, left, height, width of the middle square; its side is a share of the shorter side."""
    side = (share * extent.amin(1)).round().long().clamp(min=1)
    corner = ((extent - side[:, None]) / 2).round().long()
    return torch.stack([*corner.T, side, side], dim=1)
