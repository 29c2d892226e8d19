"""Area resampling of images and of boxes in them, from sums over rectangles (summed-area tables, Crow 1984)."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import torch
from torch import Tensor

from fercli.preprocess.mosaic import Mosaic, mosaic

NUM_SUMS = 4  # red, green, blue, and an unused sum: so the sums of a place are read at once
AT_A_TIME = 2**16  # pixels of the result: the sums of more do not fit into the cache of a CPU


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
        self.device = device
        # Sums above 2^31 wrap around, but their differences are still right for rectangles of up to 8 million pixels.
        sums = _sums_on_cpu(images) if device.type == "cpu" else _sums_on_gpu(images, device)
        # (N (H + 1) (W + 1),): four int32 sums as one number of 16 bytes, which is copied faster than four numbers.
        self.table = sums.view(torch.complex128).flatten()

    def canvas(self, plan: Mosaic) -> Tensor:
        """Resize whole images to each rectangle of a canvas: (N, 3, height, width) float32 in [-127.5, 127.5].

        Between the rectangles, all values are -127.5.
        """
        places = _places_in_canvas(self.height, self.width, plan.shapes, self.num_images, self.device)
        canvas = self._sums(places).view(self.num_images, plan.height, -1)
        for (top, left), (rows, columns) in zip(plan.corners, plan.shapes, strict=True):
            part = canvas[:, top : top + rows, 3 * left : 3 * (left + columns)]
            _divide(part, *_sizes_in_canvas(self.height, self.width, rows, columns, self.device))
        return canvas.sub_(127.5).view(self.num_images, plan.height, plan.width, 3).permute(0, 3, 1, 2)

    def crops(self, image: np.ndarray, boxes: np.ndarray, side: int) -> Tensor:
        """Resize boxes to squares: (K, 3, side, side) float32 in [-127.5, 127.5].

        Args:
            image: (K,) int32, index of the image of each box.
            boxes: (K, 4) int32: left, top, right, bottom in pixels; the right column and the bottom row are outside.
        """
        columns, rows = _bins(boxes[:, 0::2], side), _bins(boxes[:, 1::2], side)
        first = (image * (self.height + 1))[:, None]
        places = ((first + rows) * (self.width + 1))[:, None, ..., None] + columns[None, :, :, None]
        crops = self._sums(torch.from_numpy(places).to(self.device)).view(len(boxes), side, -1)
        tall, wide = (torch.from_numpy((stop - start).astype(np.float32)) for start, stop in (rows, columns))
        _divide(crops, tall.to(self.device)[:, :, None], wide.repeat_interleave(3, 1).to(self.device)[:, None])
        return crops.sub_(127.5).view(len(boxes), side, side, 3).permute(0, 3, 1, 2)

    def _sums(self, places: Tensor) -> Tensor:
        """Return the sums over P rectangles, (P, 3) float32.

        Args:
            places: (2, 2, ...) int32, indices in the table of the upper left, upper right, lower left, lower right.
        """
        corners = places.flatten(2).flatten(0, 1)
        found = torch.empty((corners.shape[1], 3), device=self.device)
        step = AT_A_TIME if self.device.type == "cpu" else len(found)
        for part in (slice(start, start + step) for start in range(0, len(found), step)):
            one, two, three, four = (_four(self.table.index_select(0, corner)) for corner in corners[:, part])
            sums = four.sub_(three).sub_(two).add_(one)
            if self.device.type == "cpu":  # OpenCV copies three of four numbers faster than torch
                cv2.cvtColor(sums.float().numpy()[None], cv2.COLOR_RGBA2RGB, found[part].numpy()[None])
            else:
                found[part] = sums[:, :3]
        return found


def _sums_on_cpu(images: Sequence[np.ndarray]) -> Tensor:
    height, width = images[0].shape[:2]
    sums = np.empty((len(images), height + 1, width + 1, NUM_SUMS), np.int32)
    for image, own in zip(images, sums, strict=True):
        cv2.integral(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2RGBA), own, sdepth=cv2.CV_32S)
    return torch.from_numpy(sums)


def _sums_on_gpu(images: Sequence[np.ndarray], device: torch.device) -> Tensor:
    """Add up on the device, so that only the pixels are copied to it: three bytes instead of sixteen."""
    pixels = torch.from_numpy(np.stack(images)).to(device)
    sums = torch.zeros(
        (len(images), pixels.shape[1] + 1, pixels.shape[2] + 1, NUM_SUMS), dtype=torch.int32, device=device
    )
    sums[:, 1:, 1:, :3] = pixels.cumsum(1, dtype=torch.int32).cumsum(2, dtype=torch.int32)
    return sums


@lru_cache(maxsize=4)  # for a large image, this is as large as the canvas
def _places_in_canvas(
    height: int, width: int, shapes: tuple[tuple[int, int], ...], num_images: int, device: torch.device
) -> Tensor:
    """Return where the four sums of each pixel of the canvases are; all four are the same between the rectangles."""
    plan = mosaic(shapes)
    found = np.zeros((2, 2, num_images, plan.height, plan.width), np.int32)
    first = (height + 1) * np.arange(num_images)[:, None]
    for (top, left), (rows, columns) in zip(plan.corners, plan.shapes, strict=True):
        y = (first + _bins_of_whole(height, rows)[:, None]) * (width + 1)
        x = _bins_of_whole(width, columns)
        found[..., top : top + rows, left : left + columns] = y[:, None, ..., None] + x[:, None, None]
    return torch.from_numpy(found).to(device)


@lru_cache(maxsize=256)
def _sizes_in_canvas(height: int, width: int, rows: int, columns: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the number of pixels that each row (rows, 1), and each column and channel, (3 columns,), averages."""
    tall, wide = (np.diff(_bins_of_whole(*each), axis=0)[0] for each in ((height, rows), (width, columns)))
    sizes = (torch.from_numpy(each.astype(np.float32)).to(device) for each in (tall, wide.repeat(3)))
    return next(sizes)[:, None], next(sizes)


def _bins_of_whole(length: int, count: int) -> np.ndarray:
    """Return the first edges and the last edges of the bins of a whole image, (2, count)."""
    return _bins(np.array([[0, length]], np.int32), count)[:, 0]


def _bins(intervals: np.ndarray, count: int) -> np.ndarray:
    """Return the bin of pixels that every new pixel averages: first edges and last edges, (2, K, count).

    Args:
        intervals: (K, 2) int32: the first pixel, and the pixel after the last.
    """
    edges = (intervals[:, 1:] - intervals[:, :1]) * np.arange(count + 1, dtype=np.int32)
    return intervals[:, :1] + np.stack([edges[:, :-1] // count, -(-edges[:, 1:] // count)])


def _four(numbers: Tensor) -> Tensor:
    """Unpack numbers (P,) into their four sums, (P, 4) int32."""
    return numbers[:, None].view(torch.int32)


def _divide(sums: Tensor, tall: Tensor, wide: Tensor) -> None:
    """Divide sums by the sizes of their rectangles, one after the other as torch does: the rounding is the same."""
    sums.div_(tall).div_(wide)
