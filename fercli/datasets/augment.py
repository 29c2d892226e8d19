"""Turn the stored images of a batch into what the network sees; in training, with random changes of each sample.

A clip is treated as one image of many channels, so that all its frames move in the same way. Landmarks and the mask of
eyes and mouth move with their image. All randomness comes from torch's global generator of the device that holds the
images.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.transforms.v2 import ColorJitter
from torchvision.transforms.v2 import functional as F

from fercli.batch import Batch, labelled
from fercli.errors import ConfigError
from fercli.ops.color import jittered
from fercli.ops.constant import constant
from fercli.ops.motion import is_mirrored, move_points, moved_by_resize, pixel_motion, sampled, shifted, windows
from fercli.ops.normalize import normalized

View = tuple[Tensor, Tensor]  # (B, C, H, W) images, and how they moved: (B, 2, 3), see `fercli.ops.motion`


class Plain(nn.Module):
    """Resize and normalize, in training too.

    Args:
        size: height and width of the output in pixels.
        mean: of each channel in [0, 1].
        std: of each channel in [0, 1].

    Attributes:
        only: name of the one change in `changes` that is made; None makes them all.
    """

    def __init__(self, size: int, mean: Sequence[float], std: Sequence[float]):
        super().__init__()
        self.only: str | None = None
        self.size = size
        self.mean = list(mean)
        self.std = list(std)

    @property
    def changes(self) -> tuple[str, ...]:
        """Names of the random changes of the training."""
        return ()

    def alone(self) -> "dict[str, Plain]":
        """Return, for each random change of the training, a copy that makes this change alone."""
        found = {}
        for name in self.changes:
            found[name] = copy(self)
            found[name].only = name
        return found

    def makes(self, change: str) -> bool:
        """Whether a random change is made."""
        return self.only in (None, change)

    def forward(self, batch: Batch) -> Batch:
        """Return the batch for the network: images (B, [T,] C, size, size) float32, normalized.

        Landmarks, mask and context change with the images.

        Raises:
            ConfigError: the number of channels differs from the length of `mean`, or images differ in shape.
        """
        if batch.image.shape[-3] != len(self.mean):
            raise ConfigError(
                f"images have {batch.image.shape[-3]} channels, augment.mean has {len(self.mean)} numbers; "
                "make data.mean and data.std as long as data.channels"
            )
        stacked = batch.image.flatten(1, -3)  # a clip: all frames as channels
        view = stacked if batch.mask is None else torch.cat([stacked, batch.mask[:, None]], dim=1)
        view, motion = self.view(view, batch.extent)
        image = view[:, : stacked.shape[1]].reshape(*batch.image.shape[:-2], self.size, self.size)
        if self.training:
            image = self.colored(image)
        changed: dict[str, Any] = {"image": normalized(image, self.mean, self.std), "extent": None}
        if batch.landmarks is not None:
            changed["landmarks"] = move_points(batch.landmarks, motion)
        if batch.mask is not None:
            changed |= self._mask(view[:, -1], batch)
        if batch.context is not None:
            scene = self.context_view(batch.context.flatten(1, -3), is_mirrored(motion))
            scene = scene.reshape(*batch.context.shape[:-2], self.size, self.size)
            changed["context"] = normalized(scene, self.mean, self.std)
        return replace(batch, **changed)

    def _mask(self, mask: Tensor, batch: Batch) -> dict[str, Any]:
        """Return the mask as a label: NaN for a face without landmarks, from which the mask was drawn."""
        if batch.landmarks is None:
            return {"mask": torch.full_like(mask, torch.nan, dtype=torch.float32)}
        found = torch.where(labelled(batch.landmarks)[:, None, None], mask.float() / 255, torch.nan)
        known = {"mask": (found, batch.has_label("landmarks"))} if "landmarks" in batch.known else {}
        return {"mask": found, "known": batch.known | known}

    def view(self, image: Tensor, extent: Tensor | None) -> View:
        """Return what the network sees, uint8.

        Args:
            extent: (B, 2) height and width of each image in pixels, from the top left of the tensor; None where all
                images fill it.
        """
        if extent is not None:
            raise ConfigError(
                "images of this data set have shapes of their own, and augment cuts out the same part of each; use "
                "augment=resized_crop, or prepare the data with crop.fit=long"
            )
        return self.train_view(image) if self.training else self.test_view(image)

    def train_view(self, image: Tensor) -> View:
        """Return what the network sees in training, uint8."""
        return self.test_view(image)

    def colored(self, image: Tensor) -> Tensor:
        """Return the images or clips of training with changed colors, uint8."""
        return image

    def test_view(self, image: Tensor) -> View:
        """Return what the network sees outside training, uint8."""
        height, width = image.shape[-2:]
        motion = moved_by_resize((height, width), (self.size, self.size), image.device)
        return F.resize(image, [self.size, self.size], antialias=True), motion.expand(image.shape[0], 2, 3)

    def context_view(self, context: Tensor, mirrored: Tensor) -> Tensor:
        """Return the middle square of each scene, uint8, mirrored where its face is; frames are channels."""
        square = F.resize(F.center_crop(context, [min(context.shape[-2:])] * 2), [self.size, self.size], antialias=True)
        return shifted(square, torch.zeros(2, square.shape[0], dtype=torch.long, device=square.device), mirrored)


class Jitter(Plain):
    """Move, turn, scale and flip each image at random, and change its colors.

    The probability of a flip is 0.5. Beyond its border, an image is mirrored.

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
        self.colors = {"brightness": brightness, "contrast": contrast, "saturation": saturation, "hue": hue}
        try:
            ColorJitter(**self.colors)
        except ValueError as error:
            raise ConfigError(f"augment refuses its options: {error}") from error

    @property
    def changes(self) -> tuple[str, ...]:
        """The flip, and the changes whose strength is not 0."""
        strengths = {"shift": self.shift, "rotation": self.rotation, "scale": self.scale} | self.colors
        return ("flip", *(name for name, strength in strengths.items() if strength))

    def train_view(self, image: Tensor) -> View:
        """Return a random view of each image."""
        image, resized = self.test_view(image)
        n = len(image)
        rotation, scale = (getattr(self, name) if self.makes(name) else 0.0 for name in ("rotation", "scale"))
        shift, flip = self.shift if self.makes("shift") else 0, 0.5 if self.makes("flip") else 0.0
        angle = torch.deg2rad(rotation * (2 * torch.rand(n, device=image.device) - 1))
        zoom = 1 + scale * (2 * torch.rand(n, device=image.device) - 1)
        mirror = torch.where(torch.rand(n, device=image.device) < flip, -1.0, 1.0)
        pixels = torch.randint(-shift, shift + 1, (2, n), device=image.device)
        offset = pixels * (2 / self.size)
        # grid_sample wants the inverse map: from a place in the output to one in the input, both in [-1, 1].
        cos, sin = torch.cos(angle) / zoom, torch.sin(angle) / zoom
        to_input = torch.stack([cos * mirror, -sin, offset[0], sin * mirror, cos, offset[1]], dim=1).view(n, 2, 3)
        view = sampled(image, to_input) if rotation or scale else shifted(image, pixels, mirror < 0)
        return view, pixel_motion(to_input, self.size, after=resized)

    def colored(self, image: Tensor) -> Tensor:
        """Return each image or clip with its own change of color."""
        strengths = {name: strength for name, strength in self.colors.items() if strength and self.makes(name)}
        if not strengths:
            return image
        return jittered(image, ColorJitter(**strengths))


class TenCrop(Plain):
    """Crop the center or a corner of each image, and flip half of them: ten views. Testing takes the center crop.

    Args:
        size: height and width of the crop.
        mean: as for `Plain`.
        std: as for `Plain`.
        resize: shorter side in pixels before cropping.

    Source: Farzaneh 2020, section 3.3.2; the drawing as in the released code, each view with probability 0.1.
    """

    def __init__(self, size: int, mean: Sequence[float], std: Sequence[float], resize: int):
        super().__init__(size, mean, std)
        if resize < size:
            raise ConfigError(f"expected augment.resize of at least augment.size ({size}), found {resize}")
        self.resize = resize

    @property
    def changes(self) -> tuple[str, ...]:
        """The place of the crop, and the flip."""
        return "crop", "flip"

    def train_view(self, image: Tensor) -> View:
        """Return one of the ten views of each image at random."""
        image, resized = self._resized(image)
        corners = constant(self.corners(*image.shape[-2:]), image.device)
        drawn = corners[torch.randint(5 if self.makes("crop") else 1, (len(image),), device=image.device)]
        flipped = torch.rand(len(image), device=image.device) < (0.5 if self.makes("flip") else 0.0)
        return windows(image, drawn[:, 0], drawn[:, 1], self.size, flipped, after=resized)

    def test_view(self, image: Tensor) -> View:
        """Return the center crop of each image."""
        image, resized = self._resized(image)
        top, left = constant(self.corners(*image.shape[-2:])[0], image.device).expand(image.shape[0], 2).T
        unflipped = torch.zeros(image.shape[0], dtype=torch.bool, device=image.device)
        return windows(image, top, left, self.size, unflipped, after=resized)

    def _resized(self, image: Tensor) -> View:
        resized = F.resize(image, [self.resize], antialias=True)
        motion = moved_by_resize(tuple(image.shape[-2:]), tuple(resized.shape[-2:]), image.device)
        return resized, motion.expand(image.shape[0], 2, 3)

    def corners(self, height: int, width: int) -> list[tuple[int, int]]:
        """Return top and left of the five crops: center, top left, top right, bottom left, bottom right."""
        bottom, right = height - self.size, width - self.size
        return [(bottom // 2, right // 2), (0, 0), (0, right), (bottom, 0), (bottom, right)]
