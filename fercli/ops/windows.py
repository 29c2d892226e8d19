"""Windows of images, at a place of its own for each image, without interpolation."""

import cv2
import numpy as np
import torch
from torch import Tensor

from fercli.ops.layout import as_images, as_pixels, fits_opencv

# What a window shows beyond the border of its image, in the names of OpenCV.
MIRROR = cv2.BORDER_REFLECT_101  # the image mirrored, without its outermost pixels
MIRROR_ALL = cv2.BORDER_REFLECT  # the image mirrored, as in `grid_sample`
BLACK = cv2.BORDER_CONSTANT


def cut(image: Tensor, top: Tensor, left: Tensor, shape: tuple[int, int], flipped: Tensor, beyond: int) -> Tensor:
    """Cut a window out of each image.

    Args:
        image: (B, C, H, W) uint8.
        top: (B,) int64.
        left: (B,) int64.
        shape: height and width of the windows.
        flipped: (B,) bool, which windows are mirrored.
        beyond: MIRROR, MIRROR_ALL or BLACK. A mirrored window lies within the image and its mirror images.

    Returns:
        (B, C, *shape) uint8.
    """
    way = cut_on_cpu if fits_opencv(image) else cut_by_number
    return way(image, top, left, shape, flipped, beyond)


def cut_on_cpu(
    image: Tensor, top: Tensor, left: Tensor, shape: tuple[int, int], flipped: Tensor, beyond: int
) -> Tensor:
    """Do what `cut` does, one image after the other: there this is fastest, since rows of pixels are copied."""
    source = as_pixels(image)
    windows = np.empty((*source.shape[:2], *shape, source.shape[-1]), np.uint8)
    for one, into, y, x, flip in zip(source, windows, top.tolist(), left.tolist(), flipped.tolist(), strict=True):
        for frame, target in zip(one, into, strict=True):
            _write_window(frame, target, y, x, beyond)
            if flip:
                cv2.flip(target, 1, target)
    return as_images(windows)


def cut_by_number(
    image: Tensor, top: Tensor, left: Tensor, shape: tuple[int, int], flipped: Tensor, beyond: int
) -> Tensor:
    """Do what `cut` does by the numbers of rows and columns, for all images at once."""
    sides = [torch.arange(side, device=image.device) for side in shape]
    rows = top[:, None] + sides[0]
    columns = left[:, None] + torch.where(flipped[:, None], shape[1] - 1 - sides[1], sides[1])
    inner = [_inside(one, side, beyond) for one, side in zip((rows, columns), image.shape[-2:], strict=True)]
    flat = (inner[0][:, :, None] * image.shape[-1] + inner[1][:, None, :]).reshape(image.shape[0], 1, -1)
    picked = image.flatten(2).gather(2, flat.expand(-1, image.shape[1], -1)).unflatten(2, shape)
    if beyond != BLACK:
        return picked
    return picked * ((rows == inner[0])[:, None, :, None] & (columns == inner[1])[:, None, None])


def _write_window(frame: np.ndarray, into: np.ndarray, top: int, left: int, beyond: int) -> None:
    """Write the window of a frame (H, W, c) at (top, left)."""
    (height, width), (bottom, right) = frame.shape[:2], (top + into.shape[0], left + into.shape[1])
    outside = max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width)
    shown = frame[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    if not any(outside):
        into[:] = shown
    elif max(outside) < min(shown.shape[:2]):
        cv2.copyMakeBorder(shown, *outside, beyond, into)
    else:  # too little is shown to be mirrored
        whole = cv2.copyMakeBorder(frame, *outside, beyond)
        into[:] = whole[top + outside[0] : bottom + outside[0], left + outside[2] : right + outside[2]].reshape(
            into.shape
        )


def _inside(number: Tensor, length: int, beyond: int) -> Tensor:
    """Return the numbers of rows or columns within an image whose pixels are shown at any numbers."""
    if beyond == BLACK:
        return number.clamp(0, length - 1)
    if beyond == MIRROR:
        return (length - 1) - ((length - 1) - number.abs()).abs()
    number = torch.where(number < 0, -1 - number, number)
    return torch.where(number >= length, 2 * length - 1 - number, number)
