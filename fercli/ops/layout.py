"""Images of torch as arrays of OpenCV, without a copy if the channels of a pixel lie side by side in memory."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

MOST_CHANNELS = 4  # of one array, for OpenCV


def fits_opencv(image: Tensor) -> bool:
    """Whether an image has pixels that OpenCV can read: it lies on the CPU, and no graph is being traced."""
    return image.device.type == "cpu" and not torch.compiler.is_compiling()


def as_pixels(image: Tensor) -> np.ndarray:
    """Return (B, P, H, W, c): each image in P parts of c channels.

    Images whose channels lie side by side are one part, and share memory with the result. Others become parts of one
    channel.

    Args:
        image: (B, C, H, W) on the CPU.
    """
    if 1 < image.shape[1] <= MOST_CHANNELS and image.is_contiguous(memory_format=torch.channels_last):
        return image.permute(0, 2, 3, 1)[:, None].numpy()
    return image.contiguous()[..., None].numpy()


def as_images(pixels: np.ndarray) -> Tensor:
    """Return (B, C, H, W) images that share memory with (B, P, H, W, c) pixels of `as_pixels`."""
    return torch.from_numpy(pixels).permute(0, 1, 4, 2, 3).flatten(1, 2)


def stack_pixels(images: Sequence[Tensor]) -> Tensor:
    """Stack (..., C, H, W) images; the channels of a pixel lie side by side, as decoders and OpenCV have them."""
    return torch.stack([image.movedim(-3, -1) for image in images]).movedim(-1, -3)
