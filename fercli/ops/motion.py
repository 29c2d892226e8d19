"""How images move under augmentation, so that points and masks can move with them.

A motion is an affine map (B, 2, 3) from pixels (x, y) of the input to pixels of the output; the center of the top left
pixel is (0, 0).
"""

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from fercli.ops.constant import constant
from fercli.ops.layout import as_images, as_pixels, fits_opencv
from fercli.ops.windows import MIRROR, MIRROR_ALL, cut

WARP = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP

# Landmark i of a mirrored face is landmark MIRRORED_68[i] of the original face (iBUG order).
MIRRORED_68 = (
    *range(16, -1, -1),  # jaw
    *range(26, 16, -1),  # brows
    *range(27, 31),  # bridge of the nose
    *range(35, 30, -1),  # nostrils
    *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),  # eyes
    *range(54, 47, -1),  # lips
    *range(59, 54, -1),
    *range(64, 59, -1),
    *range(67, 64, -1),
)


def moved_by_resize(old: tuple[int, ...], new: tuple[int, ...], device: torch.device) -> Tensor:
    """(1, 2, 3) motion of resizing from the old to the new (height, width)."""
    x, y = new[1] / old[1], new[0] / old[0]
    return constant([[[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2]]], device)


def moved_by_crop(top: Tensor, left: Tensor, flipped: Tensor, size: int) -> Tensor:
    """(B, 2, 3) motion of cutting a square at (top, left), each (B,), and mirroring it where `flipped` (B,) says so."""
    sign = torch.where(flipped, -1.0, 1.0)
    x = torch.where(flipped, size - 1 + left, -left)
    zero, one = torch.zeros_like(sign), torch.ones_like(sign)
    return torch.stack([sign, zero, x, zero, one, -top.float()], dim=1).view(-1, 2, 3)


def chained(first: Tensor, then: Tensor) -> Tensor:
    """(B, 2, 3) motion by `first`, followed by `then`."""
    linear = then[:, :, :2] @ first[:, :, :2]
    shift = then[:, :, :2] @ first[:, :, 2:] + then[:, :, 2:]
    return torch.cat([linear, shift], dim=2)


def pixel_motion(to_input: Tensor, size: int, after: Tensor) -> Tensor:
    """The motion `after`, followed by the motion of `sampled` with this `to_input`.

    Args:
        to_input: (B, 2, 3) from places of the output to places of the input, both in [-1, 1] over size pixels.
        size: height and width of input and output in pixels.
        after: (B, 2, 3) earlier motion of the images.
    """
    linear = torch.linalg.inv_ex(to_input[:, :, :2]).inverse  # `inv` waits for the device, to see whether there is one
    shift = -linear @ to_input[:, :, 2:]  # in [-1, 1]
    middle = torch.full_like(shift, (size - 1) / 2)
    moved = torch.cat([linear, shift * size / 2 + middle - linear @ middle], dim=2)
    return chained(after, moved)


def sampled(image: Tensor, to_input: Tensor) -> Tensor:
    """Return uint8 images that show at each place the input at the place `to_input`; mirrored at the border.

    OpenCV moves images on the CPU, several times as fast as `grid_sample`; its numbers differ in the last digits, so in
    about 2 of 10,000 pixels it rounds to the next gray level.

    Args:
        image: (B, C, H, W) uint8.
        to_input: (B, 2, 3) from places of the output to places of the input, both in [-1, 1].
    """
    if fits_opencv(image):
        return _warped(image, to_input)
    grid = nn.functional.affine_grid(to_input, list(image.shape), align_corners=False)
    moved = nn.functional.grid_sample(image.float(), grid, padding_mode="reflection", align_corners=False)
    return moved.round_().to(torch.uint8)


def _warped(image: Tensor, to_input: Tensor) -> Tensor:
    height, width = image.shape[-2:]
    to_places = np.array([[2 / width, 0, 1 / width - 1], [0, 2 / height, 1 / height - 1], [0, 0, 1]])
    motion = to_input.double().numpy()
    pixels = motion @ to_places  # from pixels of the output to places of the input, and then to its pixels
    pixels = pixels * [[width / 2], [height / 2]] + [[0, 0, (width - 1) / 2], [0, 0, (height - 1) / 2]]
    source = as_pixels(image)
    moved = np.empty_like(source)
    moves = (motion != np.eye(2, 3)).any(axis=(1, 2))
    for moving, matrix, one, target in zip(moves, pixels, source, moved, strict=True):
        if not moving:
            target[:] = one
            continue
        for frame, into in zip(one, target, strict=True):
            cv2.warpAffine(frame, matrix, (width, height), into, WARP, cv2.BORDER_REFLECT)
    return as_images(moved)


def shifted(image: Tensor, shift: Tensor, flipped: Tensor) -> Tensor:
    """Return `sampled` images without interpolation, for motions by whole pixels.

    Args:
        image: (B, C, H, W) uint8.
        shift: (2, B) int64 whole pixels along x and y, in the input; at most as many as the image has.
        flipped: (B,) bool, which images are mirrored.
    """
    height, width = image.shape[-2:]
    return cut(image, shift[1], shift[0], (height, width), flipped, MIRROR_ALL)


def windows(
    image: Tensor, top: Tensor, left: Tensor, size: int, flipped: Tensor, after: Tensor, beyond: int = MIRROR
) -> tuple[Tensor, Tensor]:
    """Cut a square of each image at its (top, left).

    Args:
        image: (B, C, H, W) uint8.
        top: (B,).
        left: (B,).
        size: height and width of the square.
        flipped: (B,) bool, which squares are mirrored.
        after: (B, 2, 3) earlier motion of the images.
        beyond: what is seen beyond the border, see `fercli.ops.windows.cut`.

    Returns:
        (B, C, size, size), and the total motion.
    """
    motion = chained(after, moved_by_crop(top, left, flipped, size))
    return cut(image, top, left, (size, size), flipped, beyond), motion


def is_mirrored(motion: Tensor) -> Tensor:
    """(B,) bool: which motions turn a face into its mirror image."""
    return torch.linalg.det(motion[:, :, :2]) < 0


def move_points(points: Tensor, motion: Tensor) -> Tensor:
    """Move landmarks (B, 68, 2); those of a mirrored face are renumbered, so that left stays left."""
    moved = points @ motion[:, :, :2].transpose(1, 2) + motion[:, None, :, 2]
    renumbered = moved[:, constant(MIRRORED_68, points.device)]
    return torch.where(is_mirrored(motion)[:, None, None], renumbered, moved)
