"""Resize a part of each image to one size; on a GPU, without a loop over images."""

import torch
from torch import Tensor, nn


def resized_parts(image: Tensor, parts: Tensor, size: int) -> Tensor:
    """Resize a rectangle of each image by linear interpolation with anti-aliasing, as torchvision's `resized_crop`.

    Args:
        image: (B, C, H, W) uint8.
        parts: (B, 4) int64 top, left, height, width in pixels, within the image.
        size: height and width of the output in pixels.

    Returns:
        (B, C, size, size) uint8; pixels outside of a part do not contribute.
    """
    if image.device.type == "cpu":  # there, one image after the other takes a third to a sixth of the time
        found = [
            _resized(one[:, y : y + h, x : x + w], size)
            for one, (y, x, h, w) in zip(image, parts.tolist(), strict=True)
        ]
        return torch.stack(found)
    top, left, height, width = parts.T
    rows, columns = (
        _weights(start, length, size, pixels)[:, None]
        for start, length, pixels in ((top, height, image.shape[-2]), (left, width, image.shape[-1]))
    )
    return _rounded(rows @ image.float() @ columns.mT)


def _resized(part: Tensor, size: int) -> Tensor:
    resize = nn.functional.interpolate
    return _rounded(resize(part[None].float(), size=(size, size), mode="bilinear", antialias=True)[0])


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
