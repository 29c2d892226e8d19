"""Stored pixels to the numbers that a network reads."""

from collections.abc import Sequence

import cv2
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as F

from fercli.ops.constant import constant
from fercli.ops.layout import as_pixels
from fercli.ops.reused import empty_floats


def normalized(image: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Return (image / 255 - mean) / std, float32, channel after channel in memory.

    Args:
        image: (..., C, H, W) uint8.
        mean: of each channel in [0, 1].
        std: of each channel in [0, 1].
    """
    if image.device.type != "cpu" or torch.compiler.is_exporting():  # a graph has no arrays of OpenCV
        center, width = (constant(list(values), image.device)[:, None, None] for values in (mean, std))
        return F.to_dtype(image.contiguous(), torch.float32, scale=True).sub_(center).div_(width)
    flat = image.reshape(-1, *image.shape[-3:])
    found = empty_floats(image.shape)
    shares = [(1 / (255 * width), -center / width) for center, width in zip(mean, std, strict=True)]
    for one, into in zip(as_pixels(flat), found.view(flat.shape).numpy(), strict=True):
        planes = cv2.split(one[0]) if one.shape[-1] > 1 else one
        for plane, target, (factor, offset) in zip(planes, into, shares, strict=True):
            cv2.addWeighted(plane, factor, plane, 0, offset, target, cv2.CV_32F)
    return found
