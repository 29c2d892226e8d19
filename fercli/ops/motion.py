"""How images move under augmentation, so that points and masks can move with them.

A motion is an affine map (B, 2, 3) from pixels (x, y) of the input to pixels of the output; the center of the top left
pixel is (0, 0).
"""

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from fercli.ops.constant import constant

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
    if image.device.type == "cpu":
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
    moved = torch.empty_like(image, memory_format=torch.contiguous_format)
    moves = (motion != np.eye(2, 3)).any(axis=(1, 2))
    for moving, matrix, source, target in zip(moves, pixels, image, moved, strict=True):
        if not moving:
            target.copy_(source)
            continue
        for plane, into in zip(source.contiguous().numpy(), target.numpy(), strict=True):
            cv2.warpAffine(plane, matrix, (width, height), into, WARP, cv2.BORDER_REFLECT)
    return moved


def shifted(image: Tensor, shift: Tensor, flipped: Tensor) -> Tensor:
    """Return `sampled` images without interpolation, for motions by whole pixels.

    Args:
        image: (B, C, H, W), of any type.
        shift: (2, B) int64 whole pixels along x and y, in the input; at most as many as the image has.
        flipped: (B,) bool, which images are mirrored.
    """
    height, width = image.shape[-2:]
    rows, columns = (torch.arange(side, device=image.device) for side in (height, width))
    rows = _mirrored_with_border(rows + shift[1, :, None], height)
    columns = torch.where(flipped[:, None], width - 1 - columns, columns) + shift[0, :, None]
    return _picked(image, rows, _mirrored_with_border(columns, width))


def windows(
    image: Tensor, top: Tensor, left: Tensor, size: int, flipped: Tensor, after: Tensor
) -> tuple[Tensor, Tensor]:
    """Cut a square of each image at its (top, left); beyond the border, the image is mirrored.

    Args:
        image: (B, C, H, W).
        top: (B,).
        left: (B,).
        size: height and width of the square.
        flipped: (B, 1) bool, which squares are mirrored.
        after: (B, 2, 3) earlier motion of the images.

    Returns:
        (B, C, size, size), and the total motion.
    """
    height, width = image.shape[-2:]
    pixels = torch.arange(size, device=image.device)
    rows = _mirrored(top[:, None] + pixels, height)
    columns = _mirrored(left[:, None] + torch.where(flipped, size - 1 - pixels, pixels), width)
    motion = chained(after, moved_by_crop(top, left, flipped[:, 0], size))
    return _picked(image, rows, columns), motion


def is_mirrored(motion: Tensor) -> Tensor:
    """(B,) bool: which motions turn a face into its mirror image."""
    return torch.linalg.det(motion[:, :, :2]) < 0


def move_points(points: Tensor, motion: Tensor) -> Tensor:
    """Move landmarks (B, 68, 2); those of a mirrored face are renumbered, so that left stays left."""
    moved = points @ motion[:, :, :2].transpose(1, 2) + motion[:, None, :, 2]
    renumbered = moved[:, constant(MIRRORED_68, points.device)]
    return torch.where(is_mirrored(motion)[:, None, None], renumbered, moved)


def _picked(image: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """(B, C, h, w) pixels of images (B, C, H, W) at rows (B, h) and columns (B, w)."""
    num_images, num_channels, _, width = image.shape
    flat = (rows[:, :, None] * width + columns[:, None, :]).reshape(num_images, 1, -1)
    picked = image.flatten(2).gather(2, flat.expand(-1, num_channels, -1))
    return picked.unflatten(2, (rows.shape[1], columns.shape[1]))


def _mirrored_with_border(index: Tensor, length: int) -> Tensor:
    """Reflect indices outside of [0, length - 1] back; the border is repeated, as in `grid_sample`."""
    index = torch.where(index < 0, -1 - index, index)
    return torch.where(index >= length, 2 * length - 1 - index, index)


def _mirrored(index: Tensor, length: int) -> Tensor:
    """Reflect indices outside of [0, length - 1] back; the border itself is not repeated."""
    return (length - 1) - ((length - 1) - index.abs()).abs()
