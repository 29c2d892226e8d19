"""Resize a part of each image to one size; on a GPU, without a loop over images."""

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from fercli.ops.layout import as_images, as_pixels, fits_opencv


def resized_parts(image: Tensor, parts: Tensor, size: int, flipped: Tensor) -> Tensor:
    """Resize a rectangle of each image by linear interpolation with anti-aliasing, as torchvision's `resized_crop`.

    Args:
        image: (B, C, H, W) uint8.
        parts: (B, 4) int64 top, left, height, width in pixels, within the image.
        size: height and width of the output in pixels.
        flipped: (B,) bool, which outputs are mirrored.

    Returns:
        (B, C, size, size) uint8; pixels outside of a part do not contribute.
    """
    if fits_opencv(image):
        return _resized_on_cpu(image, parts, size, flipped)
    top, left, height, width = parts.T
    rows, columns = (
        _weights(start, length, size, pixels)[:, None]
        for start, length, pixels in ((top, height, image.shape[-2]), (left, width, image.shape[-1]))
    )
    columns = torch.where(flipped[:, None, None, None], columns.flip(2), columns)
    return _rounded(rows @ image.float() @ columns.mT)


def _resized_on_cpu(image: Tensor, parts: Tensor, size: int, flipped: Tensor) -> Tensor:
    pixels = as_pixels(image)
    found = np.empty((*pixels.shape[:2], size, size, pixels.shape[-1]), np.uint8)
    for one, into, part, flip in zip(pixels, found, parts.tolist(), flipped.tolist(), strict=True):
        top, left, height, width = part
        resize = _shrunk if max(height, width) > size else _enlarged
        for frame, target in zip(one[:, top : top + height, left : left + width], into, strict=True):
            target[:] = resize(frame.astype(np.float32), size).reshape(target.shape)
            if flip:
                cv2.flip(target, 1, target)
    return as_images(found)


def _enlarged(frame: np.ndarray, size: int) -> np.ndarray:
    """Resize a float32 frame (h, w, c) to a larger one; anti-aliasing, which OpenCV lacks, has no effect there."""
    return cv2.convertScaleAbs(cv2.resize(frame, (size, size), interpolation=cv2.INTER_LINEAR))


def _shrunk(frame: np.ndarray, size: int) -> np.ndarray:
    image = torch.from_numpy(frame).permute(2, 0, 1)[None]
    shrunk = nn.functional.interpolate(image, size=(size, size), mode="bilinear", antialias=True)
    return _rounded(shrunk[0]).permute(1, 2, 0).numpy()


def _rounded(image: Tensor) -> Tensor:
    return image.round_().clamp_(0, 255).to(torch.uint8)


def _weights(start: Tensor, length: Tensor, size: int, num_pixels: int) -> Tensor:
    """(B, size, num_pixels) float32 share of each pixel of one axis in each pixel of the output; rows add up to 1."""
    start, length = start[:, None, None], length[:, None, None]
    step = length / size
    place = torch.arange(num_pixels, device=start.device)
    centers = start + (torch.arange(size, device=start.device)[:, None] + 0.5) * step
    share = (1 - (place + 0.5 - centers).abs() / step.clamp(min=1)).clamp(min=0)
    share = share * ((place >= start) & (place < start + length))
    return share / share.sum(2, keepdim=True)
