"""Augmentations for a face with its scene, and for clips."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as F

from fercli.datasets.augment import Plain, View
from fercli.errors import ConfigError
from fercli.ops.constant import constant
from fercli.ops.motion import chained, moved_by_crop, moved_by_resize, pixel_motion, sampled, windows
from fercli.ops.windows import BLACK


class PadCrop(Plain):
    """Pad a face with black, crop it at random, and flip half of the faces; crop the scene and flip it with its face.

    Args:
        size: as for `Plain`.
        mean: as for `Plain`.
        std: as for `Plain`.
        pad: pixels of the output added to each side of the face.

    Source: Lin 2021, chapter 4, which does not state the sizes.
    """

    def __init__(self, size: int, mean: Sequence[float], std: Sequence[float], pad: int = 8):
        super().__init__(size, mean, std)
        if pad < 0:
            raise ConfigError(f"expected augment.pad of at least 0, found {pad}")
        self.pad = pad

    @property
    def changes(self) -> tuple[str, ...]:
        """The place of the crop, and the flip."""
        return "crop", "flip"

    def train_view(self, image: Tensor) -> View:
        """Return a random crop of each padded face; half of them are flipped."""
        image, resized = self.test_view(image)
        n = len(image)
        top, left = torch.randint(-self.pad, self.pad + 1, (2, n), device=image.device)
        if not self.makes("crop"):
            top, left = torch.zeros_like(top), torch.zeros_like(left)
        flipped = torch.rand(n, device=image.device) < (0.5 if self.makes("flip") else 0.0)
        return windows(image, top, left, self.size, flipped, after=resized, beyond=BLACK)

    def context_view(self, context: Tensor, mirrored: Tensor) -> Tensor:
        """Return a square of the scene: a random one in training, else the middle one."""
        side = min(*context.shape[-2:], self.size)
        spare = constant([context.shape[-2] - side, context.shape[-1] - side], context.device)
        n = context.shape[0]
        if self.training and self.makes("crop"):
            drawn = (torch.rand(n, 2, device=context.device) * (spare + 1)).long()
        else:
            drawn = (spare // 2).expand(n, 2)
        top, left = drawn.T
        still = torch.eye(2, 3, device=context.device).expand(n, 2, 3)
        square, _ = windows(context, top, left, side, mirrored, after=still)
        return F.resize(square, [self.size, self.size], antialias=True)


class CropFlipTurn(Plain):
    """Cut a random square out of each clip or image, and flip or turn some; testing takes the middle square.

    Args:
        size: as for `Plain`.
        mean: as for `Plain`.
        std: as for `Plain`.
        crop: side of the square as a share of the stored image, in (0, 1].
        flip: probability of a flip.
        turn: probability of a turn; a flip and a turn exclude each other, so flip + turn is at most 1.
        rotation: a turn is by at most this many degrees in both directions.

    Source: public code of the laboratory of Zhou et al. (PushineLee/MemRank): 224 of 256 pixels, flip and turn with
    probability 0.25 each; it turns by whole degrees, from -15 to 14.
    """

    def __init__(
        self,
        size: int,
        mean: Sequence[float],
        std: Sequence[float],
        crop: float = 0.875,
        flip: float = 0.25,
        turn: float = 0.25,
        rotation: float = 15.0,
    ):
        super().__init__(size, mean, std)
        if not 0 < crop <= 1:
            raise ConfigError(f"expected augment.crop above 0 and at most 1, found {crop}")
        if min(flip, turn) < 0 or flip + turn > 1:
            raise ConfigError(f"expected augment.flip and augment.turn of at least 0 and at most 1 together, "
                              f"found {flip} and {turn}")  # fmt: skip
        self.crop, self.flip, self.turn, self.rotation = crop, flip, turn, rotation

    @property
    def changes(self) -> tuple[str, ...]:
        """The place of the square, and of flip and turn those that can occur."""
        turn = self.turn and self.rotation
        return tuple(name for name, drawn in (("crop", True), ("flip", self.flip), ("turn", turn)) if drawn)

    def train_view(self, image: Tensor) -> View:
        """Return a random square of each clip, the same in all its frames."""
        n, (height, width) = image.shape[0], image.shape[-2:]
        side = self._side(height, width)
        top = torch.randint(0, height - side + 1, (n,), device=image.device)
        left = torch.randint(0, width - side + 1, (n,), device=image.device)
        if not self.makes("crop"):
            top, left = torch.full_like(top, (height - side) // 2), torch.full_like(left, (width - side) // 2)
        case = torch.rand(n, device=image.device)
        view, motion = self._square(image, top, left, (case < self.flip) & self.makes("flip"))
        angle = torch.deg2rad(self.rotation * (2 * torch.rand(n, device=image.device) - 1))
        angle = torch.where((case >= self.flip) & (case < self.flip + self.turn) & self.makes("turn"), angle, 0)
        cos, sin, zero = torch.cos(angle), torch.sin(angle), torch.zeros_like(angle)
        to_input = torch.stack([cos, -sin, zero, sin, cos, zero], dim=1).view(n, 2, 3)
        return sampled(view, to_input), pixel_motion(to_input, self.size, after=motion)

    def test_view(self, image: Tensor) -> View:
        """Return the middle square of each clip or image."""
        n, (height, width) = image.shape[0], image.shape[-2:]
        side = self._side(height, width)
        top = torch.full((n,), (height - side) // 2, device=image.device)
        left = torch.full((n,), (width - side) // 2, device=image.device)
        return self._square(image, top, left, torch.zeros(n, dtype=torch.bool, device=image.device))

    def _side(self, height: int, width: int) -> int:
        return max(1, round(self.crop * min(height, width)))

    def _square(self, image: Tensor, top: Tensor, left: Tensor, flipped: Tensor) -> View:
        side = self._side(*image.shape[-2:])
        still = torch.eye(2, 3, device=image.device).expand(image.shape[0], 2, 3)
        square, _ = windows(image, top, left, side, flipped, after=still)
        resize = moved_by_resize((side, side), (self.size, self.size), image.device).expand(image.shape[0], 2, 3)
        motion = chained(moved_by_crop(top, left, flipped, side), resize)
        return F.resize(square, [self.size, self.size], antialias=True), motion
