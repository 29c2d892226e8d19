"""All sizes of an image side by side in one canvas, so that P-Net sees them at once."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

CELL, STRIDE = 12, 2  # pixels: side of the window of P-Net, and distance from one place to the next


class Mosaic(NamedTuple):
    """Where rectangles lie in a canvas, and what P-Net has to know of them.

    Attributes:
        height, width: of the canvas in pixels.
        corners: top and left of each rectangle; even, so that pooling takes the same pixels as in it alone.
        shapes: height and width of each rectangle.
        level: (places of the canvas,) int8: the rectangle that contains the window of a place, or -1.
        beyond: ascending places of the map of the first convolution, (height - 2) x (width - 2), that pooling must
            ignore. At the right and the lower border of a rectangle of odd size, it takes one pixel of the map instead
            of two.
    """

    height: int
    width: int
    corners: tuple[tuple[int, int], ...]
    shapes: tuple[tuple[int, int], ...]
    level: np.ndarray
    beyond: np.ndarray

    @property
    def num_columns(self) -> int:
        """Number of places in a row of the canvas."""
        return num_places(self.width)

    def beyond_in(self, row: int, num_rows: int) -> np.ndarray:
        """Return `beyond` for some rows of the map, counted from the first of these rows."""
        width = self.width - 2
        low, high = np.searchsorted(self.beyond, [row * width, (row + num_rows) * width])
        return self.beyond[low:high] - row * width

    def place_in_level(self, place: np.ndarray, level: np.ndarray) -> np.ndarray:
        """Return (K, 2) column and row, within their rectangles, of places of the canvas."""
        top, left = np.array(self.corners)[level].T // STRIDE
        return np.stack([place % self.num_columns - left, place // self.num_columns - top], 1)


def num_places(side: int) -> int:
    """Return how many places P-Net finds along a side of this many pixels."""
    return (side - CELL + 1) // STRIDE + 1


@lru_cache(maxsize=32)
def mosaic(shapes: tuple[tuple[int, int], ...]) -> Mosaic:
    """Place rectangles, the largest first, in a canvas of the first one's height."""
    corners = _packed(shapes)
    height = max(top + rows for (top, _), (rows, _) in zip(corners, shapes, strict=True))
    width = max(left + columns for (_, left), (_, columns) in zip(corners, shapes, strict=True))
    level = np.full((num_places(height), num_places(width)), -1, np.int8)
    beyond = np.zeros((height - 2, width - 2), bool)
    for i, ((top, left), (rows, columns)) in enumerate(zip(corners, shapes, strict=True)):
        y, x = top // STRIDE, left // STRIDE
        level[y : y + num_places(rows), x : x + num_places(columns)] = i
        if rows % 2:
            beyond[top + rows - 2 : top + rows - 1, left : left + columns - 1] = True
        if columns % 2:
            beyond[top : top + rows - 1, left + columns - 2 : left + columns - 1] = True
    return Mosaic(height, width, corners, shapes, level.ravel(), np.flatnonzero(beyond))


def _packed(shapes: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return top and left of rectangles: each goes to the first free place that is large enough, else to the right."""
    free = [(0, 0, shapes[0][0] + 1, 10**9)]  # top, left, height, width
    corners = []
    for rows, columns in shapes:
        rows, columns = rows + rows % 2, columns + columns % 2
        place = next(i for i, (_, _, height, width) in enumerate(free) if rows <= height and columns <= width)
        top, left, height, width = free[place]
        corners.append((top, left))
        free[place : place + 1] = [
            (top + rows, left, height - rows, columns),
            (top, left + columns, height, width - columns),
        ]
    return tuple(corners)
