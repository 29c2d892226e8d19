"""Area resampling of images and of boxes in them, from sums over rectangles (summed-area tables, Crow 1984)."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import torch
from torch import Tensor

NUM_CHANNELS = 4  # red, green, blue, and an unused channel: so four sums are read at once


class SummedArea:
    """Images of one size; rectangles of them are resampled to any size. The cost depends only on the new size.

    In each direction, n pixels become m pixels: pixel j of the result is the mean of the pixels i with
    floor(j n / m) <= i < ceil((j + 1) n / m). The result equals `torch.nn.functional.interpolate(mode="area")` in
    float32: the sums are integers, so nothing is rounded before the division.

    Args:
        images: N images (H, W, 3) uint8.
        device: device of the results.
    """

    def __init__(self, images: Sequence[np.ndarray], device: torch.device):
        self.num_images = len(images)
        self.height, self.width = images[0].shape[:2]
        filled = [cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2RGBA) for image in images]
        # Sums above 2^31 wrap around, but their differences are still right for rectangles of up to 8 million pixels.
        sums = np.stack([cv2.integral(image, sdepth=cv2.CV_32S) for image in filled])
        # (N, H + 1, W + 1): four int32 sums stored as one number of 16 bytes, which is copied faster than four numbers.
        self.sums = torch.from_numpy(sums.view(np.complex128)[..., 0]).to(device)

    def resize(self, out: Tensor) -> None:
        """Resize whole images into (N, height, width, 4) float32; values in [-127.5, 127.5]."""
        height, width = out.shape[1:3]
        top, bottom, tall = _bins_of_whole(self.height, height, self.sums.device)
        left, right, wide = _bins_of_whole(self.width, width, self.sums.device)
        rows = _channels(self.sums.index_select(1, bottom)).sub_(_channels(self.sums.index_select(1, top)))
        rows, shape = rows.view(torch.complex128)[..., 0], (len(self.sums), height, width)
        sums = _channels(rows.gather(2, right.expand(shape))).sub_(_channels(rows.gather(2, left.expand(shape))))
        torch.sub(_means(sums, tall[:, None], _each_channel(wide)), 127.5, out=out)

    def crops(self, image: Tensor, boxes: Tensor, side: int) -> Tensor:
        """Resize boxes to squares: (K, 4, side, side) float32 in [-127.5, 127.5].

        Args:
            image: (K,) int64, index of the image of each box.
            boxes: (K, 4) int64: left, top, right, bottom in pixels; the right column and the bottom row are outside.
        """
        left, right = _bins(boxes[:, 0::2], side)
        top, bottom = _bins(boxes[:, 1::2], side)
        first = (image * (self.height + 1))[:, None]
        table, row = self.sums.flatten(), self.width + 1

        def sums_to(y: Tensor, x: Tensor) -> Tensor:
            places = ((first + y) * row)[:, :, None] + x[:, None, :]
            return _channels(table.index_select(0, places.flatten()).view(places.shape))

        sums = sums_to(bottom, right).sub_(sums_to(bottom, left)).sub_(sums_to(top, right)).add_(sums_to(top, left))
        means = _means(sums, (bottom - top)[:, :, None], _each_channel(right - left)[:, None])
        return means.sub_(127.5).permute(0, 3, 1, 2)


@lru_cache(maxsize=256)
def _bins_of_whole(length: int, count: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Return first and last edges of the bins of a whole image, and the number of pixels in each bin."""
    start, stop = _bins(torch.tensor([[0, length]], device=device), count)
    return start[0], stop[0], (stop - start)[0].float()


def _bins(intervals: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return the bin of pixels that every new pixel averages: first edges and last edges, (K, count) each.

    Args:
        intervals: (K, 2) int64: the first pixel, and the pixel after the last.
    """
    start, length = intervals[:, :1], intervals[:, 1:] - intervals[:, :1]
    new = torch.arange(count, device=intervals.device)
    return start + new * length // count, start - (-(new + 1) * length // count)


def _each_channel(values: Tensor) -> Tensor:
    return values.repeat_interleave(NUM_CHANNELS, -1)


def _channels(sums: Tensor) -> Tensor:
    """Unpack (K, h, w) numbers into their four sums, (K, h, w, 4) int32."""
    return sums[..., None].view(torch.int32)


def _means(sums: Tensor, height: Tensor, width: Tensor) -> Tensor:
    """Return means (K, h, w, 4) float32 from sums over rectangles of `height` x `width` pixels.

    Args:
        height: (K, h, 1) or (h, 1).
        width: (K, 1, 4 w) or (4 w,): once for each channel.
    """
    means = sums.flatten(2).float().div_(height).div_(width)  # two divisions, as in torch: the rounding is the same
    return means.unflatten(2, (-1, NUM_CHANNELS))
