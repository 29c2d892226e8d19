"""Stored pixels to the numbers that a network reads."""

from collections.abc import Sequence

import cv2
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as F

from fercli.ops.constant import constant
from fercli.ops.layout import as_pixels, fits_opencv
from fercli.ops.reused import empty_floats

PIXELS_AT_A_TIME = 2**17  # of several small images, since each call of OpenCV takes time; they fit into the cache


def normalized(image: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Return (image / 255 - mean) / std, float32, channel after channel in memory.

    Args:
        image: (..., C, H, W) uint8.
        mean: of each channel in [0, 1].
        std: of each channel in [0, 1].
    """
    if not fits_opencv(image):
        center, spread = (constant(list(values), image.device)[:, None, None] for values in (mean, std))
        return F.to_dtype(image.contiguous(), torch.float32, scale=True).sub_(center).div_(spread)
    *_, num_channels, height, width = image.shape
    pixels = as_pixels(image.reshape(-1, num_channels, height, width))
    found = empty_floats(image.shape)
    into = found.view(-1, num_channels, height * width).numpy()
    step = max(1, PIXELS_AT_A_TIME // (height * width))
    for start in range(0, len(into), step):
        part = pixels[start : start + step].reshape(-1, pixels.shape[1], height * width, pixels.shape[-1])
        planes = cv2.split(part[:, 0]) if part.shape[-1] > 1 else part[..., 0].swapaxes(0, 1)
        for channel, plane in enumerate(planes):
            factor, offset = 1 / (255 * std[channel]), -mean[channel] / std[channel]
            target = into[start : start + step, channel]
            cv2.addWeighted(plane, factor, plane, 0, offset, target, cv2.CV_32F)
    return found
