"""Random changes of the colors of images and clips; OpenCV makes them on the CPU, in a fraction of torchvision's time.

The numbers are those of torchvision. Now and then one is rounded to the next level.
"""

from collections.abc import Callable

import cv2
import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2 import ColorJitter

from fercli.ops.layout import as_images, as_pixels, fits_opencv

FACTORS = ("brightness_factor", "contrast_factor", "saturation_factor", "hue_factor")  # as ColorJitter numbers them
LEVELS = np.arange(256, dtype=np.float32)
GRAY = (0.2989, 0.587, 0.114)  # shares of red, green and blue, of torchvision
DOWN = -0.4999  # added before OpenCV rounds, so that it rounds down, as torchvision does


def jittered(image: Tensor, jitter: ColorJitter) -> Tensor:
    """Return images or clips, each with colors of its own; the frames of a clip change alike.

    Args:
        image: (B, C, H, W) or (B, T, C, H, W) uint8, on any device; C is 1 or 3.
        jitter: draws the factors and their order from torch's global generator.
    """
    if not fits_opencv(image):
        return torch.stack([jitter(single) for single in image])
    frames = as_pixels(image.reshape(-1, *image.shape[-3:]))
    if frames.shape[-1] == 1:
        frames = frames.transpose(0, 4, 2, 3, 1).copy()  # the parts of an image are its channels
    found = np.empty_like(frames)
    step = len(frames) // max(1, len(image))
    for start, single in enumerate(image):
        params = jitter.make_params([single])
        made = [(CHANGES[n], params[FACTORS[n]]) for n in params["fn_idx"] if params[FACTORS[n]] is not None]
        for place in range(start * step, (start + 1) * step):
            frame = frames[place, 0]
            for change, factor in made:
                frame = change(frame, factor)
            found[place, 0] = frame.reshape(found.shape[2:])
    return as_images(found).view(image.shape)


def brightened(frame: np.ndarray, factor: float) -> np.ndarray:
    """Return a frame (H, W, c) whose levels are multiplied by a factor."""
    return cv2.LUT(frame, _levels(LEVELS * np.float32(factor)))


def contrasted(frame: np.ndarray, factor: float) -> np.ndarray:
    """Return a frame (H, W, c) whose levels are moved away from its mean gray level, or towards it."""
    mean = cv2.mean(_gray(frame))[0]
    return cv2.LUT(frame, _levels(LEVELS * np.float32(factor) + np.float32((1 - factor) * mean)))


def saturated(frame: np.ndarray, factor: float) -> np.ndarray:
    """Return a frame (H, W, c) whose pixels are moved away from their gray level, or towards it."""
    if frame.ndim < 3 or frame.shape[2] == 1:
        return frame
    gray = cv2.cvtColor(_gray(frame), cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(frame, factor, gray, 1 - factor, DOWN)


def turned(frame: np.ndarray, share: float) -> np.ndarray:
    """Return a frame (H, W, c) whose hue is turned by a share of the color circle in [-0.5, 0.5]."""
    if frame.ndim < 3 or frame.shape[2] == 1:
        return frame
    pixels = cv2.cvtColor(frame.astype(np.float32), cv2.COLOR_RGB2HSV)
    cv2.add(pixels, np.array([360 * (share % 1), 0, 0, 0]), pixels)
    pixels = cv2.cvtColor(pixels, cv2.COLOR_HSV2RGB)
    return cv2.convertScaleAbs(pixels, None, 255.999 / 255, DOWN)  # torchvision's way to whole numbers


CHANGES: tuple[Callable[[np.ndarray, float], np.ndarray], ...] = (brightened, contrasted, saturated, turned)


def _levels(values: np.ndarray) -> np.ndarray:
    return np.clip(values, 0, 255).astype(np.uint8)


def _gray(frame: np.ndarray) -> np.ndarray:
    if frame.ndim < 3 or frame.shape[2] == 1:
        return frame
    return cv2.transform(frame, np.array([[*GRAY, DOWN]]))
