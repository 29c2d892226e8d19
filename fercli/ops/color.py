"""Random changes of the colors of one image or clip."""

import cv2
import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2 import ColorJitter
from torchvision.transforms.v2 import functional as F

FACTORS = ("brightness_factor", "contrast_factor", "saturation_factor", "hue_factor")  # as ColorJitter numbers them


def jittered(image: Tensor, jitter: ColorJitter) -> Tensor:
    """Return uint8 images (..., C, H, W) with the colors that `jitter` draws for all of them together.

    Args:
        image: uint8, on any device.
        jitter: draws the factors and their order from torch's global generator.
    """
    if image.device.type != "cpu":
        changed: Tensor = jitter(image)
        return changed
    params = jitter.make_params([image])
    change = (F.adjust_brightness, F.adjust_contrast, F.adjust_saturation, turned)
    for number in params["fn_idx"]:
        if (factor := params[FACTORS[number]]) is not None:
            image = change[number](image, factor)
    return image


def turned(image: Tensor, share: float) -> Tensor:
    """Turn the hue of images on the CPU, as torchvision's `adjust_hue`, in a sixth of its time.

    About 1 of 20,000 numbers is rounded to the next level.

    Args:
        image: (..., C, H, W) uint8; images without three channels have no hue, and stay as they are.
        share: of the color circle, in [-0.5, 0.5].
    """
    if image.shape[-3] != 3:
        return image
    found = torch.empty_like(image, memory_format=torch.contiguous_format)
    for one, target in zip(image.reshape(-1, *image.shape[-3:]), found.view(-1, *image.shape[-3:]), strict=True):
        pixels = one.permute(1, 2, 0).numpy().astype(np.float32, order="C")
        pixels *= np.float32(1 / 255)
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
        hue = pixels[..., 0]  # in degrees
        hue += np.float32(360 * share)
        hue[hue >= 360] -= 360
        hue[hue < 0] += 360
        pixels = cv2.cvtColor(pixels, cv2.COLOR_HSV2RGB)
        pixels *= np.float32(255.999)  # torchvision's way to whole numbers
        target.copy_(torch.from_numpy(pixels.astype(np.uint8)).permute(2, 0, 1))
    return found
