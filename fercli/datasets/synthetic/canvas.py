"""Anti-aliased drawing of soft shapes on a float RGB image.

A face is some 60 small shapes: what a shape costs is the number of calls of NumPy, not the number of its pixels.
"""

from functools import lru_cache
from math import ceil, floor

import cv2
import numpy as np
from scipy.interpolate import CubicHermiteSpline

SUBPIXEL_BITS = 4
INVISIBLE = 0.02  # opacity

COVERAGES = np.arange(256, dtype=np.float32) * np.float32(1 / 255)  # for the levels of an 8-bit mask
ACROSS = np.array([-1.0, 1.0])

Polygons = np.ndarray | list[np.ndarray]
Color = np.ndarray | tuple[float, float, float]


@lru_cache
def _spline(num_points: int, closed: bool, samples: int) -> np.ndarray:
    """Return the matrix that turns control points into a Catmull-Rom curve, which is linear in its control points."""
    identity = np.eye(num_points)
    if closed:
        around = np.roll(identity, -1, axis=0) - np.roll(identity, 1, axis=0)
        values, tangents = np.vstack([identity, identity[:1]]), np.vstack([around, around[:1]]) / 2
    else:
        values, tangents = identity, np.asarray(np.gradient(identity, axis=0))
    knots = np.arange(len(values))
    return CubicHermiteSpline(knots, values, tangents)(np.linspace(0, len(values) - 1, samples * (len(values) - 1) + 1))


def smooth(points: np.ndarray, closed: bool = False, samples: int = 5) -> np.ndarray:
    """Return Catmull-Rom curves through (..., N, D) points, with `samples` points per segment."""
    return _spline(points.shape[-2], closed, samples) @ points


def ribbon(curve: np.ndarray, width: np.ndarray | float) -> np.ndarray:
    """Return the outlines of strokes along (..., N, 2) curves; `width` is one number, or (N,) where it changes."""
    tangent = np.empty_like(curve)
    tangent[..., 1:-1, :] = curve[..., 2:, :] - curve[..., :-2, :]
    tangent[..., 0, :], tangent[..., -1, :] = curve[..., 1, :] - curve[..., 0, :], curve[..., -1, :] - curve[..., -2, :]
    length = np.hypot(tangent[..., 0], tangent[..., 1]) + 1e-9
    offset = (tangent[..., ::-1] * ACROSS) * (width / (2 * length))[..., None]
    return np.concatenate([curve + offset, (curve - offset)[..., ::-1, :]], axis=-2)


@lru_cache
def taper(num_points: int) -> np.ndarray:
    """Return (num_points,) weights that rise from 0 to 1 in the middle and fall again: a stroke with pointed ends."""
    return np.sin(np.linspace(0, np.pi, num_points)) ** 0.7


class Canvas:
    """A square RGB image in [0, 255], on which shapes are blended.

    Attributes:
        size: width and height in pixels.
        planes: (3, size, size) float32. One plane per color is several times as fast as interleaved colors.
    """

    def __init__(self, planes: np.ndarray):
        self.planes = np.ascontiguousarray(planes, dtype=np.float32)
        self.size = self.planes.shape[1]

    def mask(
        self, polygons: Polygons, blur: float = 0.0, opacity: float = 1.0
    ) -> tuple[tuple[slice, slice], np.ndarray] | None:
        """Return the window that polygons touch, and their coverage in it in [0, opacity]; None outside the image.

        Args:
            polygons: one (N, 2) array, or several, as a list or as (L, N, 2), of x, y in pixels; pixel centers have
                integer coordinates.
            blur: standard deviation of the softened edge, in pixels.
            opacity: coverage of the inside, in [0, 1].
        """
        several = [polygons] if isinstance(polygons, np.ndarray) and polygons.ndim == 2 else polygons
        points = np.concatenate(several)
        margin = int(3 * blur) + 2
        low_x, low_y = np.minimum.reduce(points).tolist()
        high_x, high_y = np.maximum.reduce(points).tolist()
        left, top = max(floor(low_x) - margin, 0), max(floor(low_y) - margin, 0)
        right, bottom = min(ceil(high_x) + margin + 1, self.size), min(ceil(high_y) + margin + 1, self.size)
        if left >= right or top >= bottom:
            return None
        levels = np.zeros((bottom - top, right - left), np.uint8)
        shifted = np.rint((points - np.array([left, top])) * (1 << SUBPIXEL_BITS)).astype(np.int32)
        start = 0
        for polygon in several:  # one by one: a single fillPoly call leaves out areas that two polygons cover
            end = start + len(polygon)
            cv2.fillPoly(levels, [shifted[start:end]], 255, cv2.LINE_AA, SUBPIXEL_BITS)
            start = end
        if blur > 0:
            levels = cv2.GaussianBlur(levels, (0, 0), blur, borderType=cv2.BORDER_REPLICATE)
        return (slice(top, bottom), slice(left, right)), cv2.LUT(levels, COVERAGES * np.float32(opacity))

    def fill(self, polygons: Polygons, color: Color, blur: float = 0.0, opacity: float = 1.0) -> None:
        """Blend polygons of one RGB color into the image."""
        found = self.mask(polygons, blur, opacity) if opacity > INVISIBLE else None
        if found is None:
            return
        (rows, columns), coverage = found
        target = self.planes[:, rows, columns]
        target += (np.asarray(color, np.float32)[:, None, None] - target) * coverage

    def stroke(
        self, curve: np.ndarray, width: np.ndarray | float, color: Color, blur: float = 0.0, opacity: float = 1.0
    ) -> None:
        """Blend a line of a given width in pixels along an (N, 2) curve."""
        self.fill(ribbon(curve, width), color, blur, opacity)
