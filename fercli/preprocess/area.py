"""Area resampling of images and of boxes in them, from sums over rectangles (summed-area tables, Crow 1984)."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

import cv2
import numpy as np
import torch
from torch import Tensor

from fercli.preprocess.mosaic import Mosaic, mosaic

Array = TypeVar("Array", np.ndarray, Tensor)

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
        self.on_cpu = is_cpu(device)
        sums = _sums_on_cpu(images) if self.on_cpu else _sums_on_gpu(images, device)
        # (N (H + 1) (W + 1),): four int32 sums as one number of 16 bytes, which is copied faster than four numbers.
        self.table = sums.view(torch.complex128).flatten()

    def canvas(self, plan: Mosaic) -> Tensor:
        """Resize whole images to each rectangle of a canvas: (N, 3, height, width) float32 in [-127.5, 127.5].

        Between the rectangles, all values are -127.5.
        """
        corners = _corners_in_canvas(self.height, self.width, plan.shapes, self.device)
        if self.num_images > 1:
            first = torch.arange(self.num_images, dtype=torch.int32, device=self.device)[:, None]
            corners = [(first * ((self.height + 1) * (self.width + 1)) + corner).flatten() for corner in corners]
        canvas = self._sums(corners).view(self.num_images, plan.height, -1)
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
        wanted = np.concatenate([image[:, None], boxes], 1, dtype=np.int32)
        found: Any
        edges: Any
        if self.on_cpu:  # NumPy is faster than torch there; to a GPU only the boxes are copied
            found, edges = wanted, np.arange(side + 1, dtype=np.int32)
        else:
            found = torch.from_numpy(wanted).to(self.device)
            edges = torch.arange(side + 1, dtype=torch.int32, device=self.device)
        columns, rows = _bins(found[:, 1::2], edges), _bins(found[:, 2::2], edges)
        places = [(found[:, :1] * (self.height + 1) + row) * (self.width + 1) for row in rows]
        corners = [torch.as_tensor(row[:, :, None] + column[:, None]).flatten() for row in places for column in columns]
        crops = self._sums(corners).view(len(boxes), side, -1)
        tall, wide = (torch.as_tensor(stop - start) for start, stop in (rows, columns))
        _divide(crops, tall[:, :, None], wide.repeat_interleave(3, 1)[:, None])
        return crops.sub_(127.5).view(len(boxes), side, side, 3).permute(0, 3, 1, 2)

    def _sums(self, corners: Sequence[Tensor]) -> Tensor:
        """Return the sums over P rectangles, (P, 3) float32.

        Args:
            corners: indices (P,) int32 in the table: upper left, upper right, lower left, lower right.
        """
        found = torch.empty((len(corners[0]), 3), device=self.device)
        step = AT_A_TIME if self.on_cpu else len(found)
        for part in (slice(start, start + step) for start in range(0, len(found), step)):
            one, two, three, four = (_four(self.table.index_select(0, corner[part])) for corner in corners)
            sums = four.sub_(three).sub_(two).add_(one)
            if self.on_cpu:  # OpenCV copies three of four numbers faster than torch
                cv2.cvtColor(sums.float().numpy()[None], cv2.COLOR_RGBA2RGB, found[part].numpy()[None])
            else:
                found[part] = sums[:, :3]
        return found


def is_cpu(device: torch.device) -> bool:
    """Whether to work in the way that is fast on a CPU; both ways work on any device."""
    return device.type == "cpu"


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
def _corners_in_canvas(
    height: int, width: int, shapes: tuple[tuple[int, int], ...], device: torch.device
) -> list[Tensor]:
    """Return where the four sums of each pixel of the canvas are; all four are the same between the rectangles."""
    plan = mosaic(shapes)
    found = np.zeros((2, 2, plan.height, plan.width), np.int32)
    for (top, left), (rows, columns) in zip(plan.corners, plan.shapes, strict=True):
        y, x = (np.stack(_bins_of_whole(*each)) for each in ((height, rows), (width, columns)))
        found[..., top : top + rows, left : left + columns] = (y * (width + 1))[:, None, :, None] + x[:, None]
    return [torch.from_numpy(corner.ravel()).to(device) for corner in found.reshape(4, -1)]


@lru_cache(maxsize=256)
def _sizes_in_canvas(height: int, width: int, rows: int, columns: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the number of pixels that each row (rows, 1), and each column and channel, (3 columns,), averages."""
    bins = (_bins_of_whole(*each) for each in ((height, rows), (width, columns)))
    tall, wide = (stop - start for start, stop in bins)
    sizes = (torch.from_numpy(each.astype(np.float32)).to(device) for each in (tall, wide.repeat(3)))
    return next(sizes)[:, None], next(sizes)


def _bins_of_whole(length: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first edges and the last edges of the bins of a whole image, (count,) each."""
    start, stop = _bins(np.array([[0, length]], np.int32), np.arange(count + 1, dtype=np.int32))
    return start[0], stop[0]


def _bins(intervals: Array, edges: Array) -> tuple[Array, Array]:
    """Return the bin of pixels that every new pixel averages: first edges and last edges, (K, count) each.

    Args:
        intervals: (K, 2) int32: the first pixel, and the pixel after the last.
        edges: 0, 1, ..., count.
    """
    first, count = intervals[:, :1], len(edges) - 1
    places = (intervals[:, 1:] - first) * edges
    return first + places[:, :-1] // count, first - (-places[:, 1:] // count)


def _four(numbers: Tensor) -> Tensor:
    """Unpack numbers (P,) into their four sums, (P, 4) int32."""
    return numbers[:, None].view(torch.int32)


def _divide(sums: Tensor, tall: Tensor, wide: Tensor) -> None:
    """Divide sums by the sizes of their rectangles, one after the other as torch does: the rounding is the same."""
    sums.div_(tall).div_(wide)
