"""Anti-aliased drawing of soft shapes on a float RGB image."""

from functools import lru_cache

import cv2
import numpy as np
from scipy.interpolate import CubicHermiteSpline

SUBPIXEL_BITS = 4
INVISIBLE = 0.02  # opacity

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
    """Return a Catmull-Rom curve through (N, D) points, with `samples` points per segment."""
    return _spline(len(points), closed, samples) @ points


def ribbon(curve: np.ndarray, width: np.ndarray | float) -> np.ndarray:
    """Return the outline of a stroke along an (N, 2) curve; `width` is one number, or (N,) where it changes."""
    tangent = np.empty_like(curve)
    tangent[1:-1] = curve[2:] - curve[:-2]
    tangent[0], tangent[-1] = curve[1] - curve[0], curve[-1] - curve[-2]
    length = np.hypot(tangent[:, 0], tangent[:, 1]) + 1e-9
    offset = (tangent[:, ::-1] * (-1, 1)) * (width / (2 * length))[:, None]
    return np.concatenate([curve + offset, (curve - offset)[::-1]])


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

    def mask(self, polygons: Polygons, blur: float = 0.0) -> tuple[tuple[slice, slice], np.ndarray] | None:
        """Return the window that polygons touch, and their coverage in it in [0, 1]; None outside the image.

        Args:
            polygons: one (N, 2) array, or several, of x, y in pixels; pixel centers have integer coordinates.
            blur: standard deviation of the softened edge, in pixels.
        """
        polygons = [polygons] if isinstance(polygons, np.ndarray) else polygons
        points = polygons[0] if len(polygons) == 1 else np.concatenate(polygons)
        margin = int(3 * blur) + 2
        left, top = np.maximum(np.floor(points.min(0)).astype(int) - margin, 0)
        right, bottom = np.minimum(np.ceil(points.max(0)).astype(int) + margin + 1, self.size)
        if left >= right or top >= bottom:
            return None
        coverage = np.zeros((bottom - top, right - left), np.uint8)
        for polygon in polygons:  # one by one: a single fillPoly call leaves out areas that two polygons cover
            shifted = np.round((polygon - (left, top)) * (1 << SUBPIXEL_BITS)).astype(np.int32)
            cv2.fillPoly(coverage, [shifted], 255, cv2.LINE_AA, SUBPIXEL_BITS)
        if blur > 0:
            coverage = cv2.GaussianBlur(coverage, (0, 0), blur, borderType=cv2.BORDER_REPLICATE)
        return (slice(top, bottom), slice(left, right)), coverage * np.float32(1 / 255)

    def fill(self, polygons: Polygons, color: Color, blur: float = 0.0, opacity: float = 1.0) -> None:
        """Blend polygons of one RGB color into the image."""
        found = self.mask(polygons, blur) if opacity > INVISIBLE else None
        if found is None:
            return
        (rows, columns), coverage = found
        coverage *= np.float32(opacity)
        for plane, value in zip(self.planes, color, strict=True):
            target = plane[rows, columns]
            target += (np.float32(value) - target) * coverage

    def stroke(
        self, curve: np.ndarray, width: np.ndarray | float, color: Color, blur: float = 0.0, opacity: float = 1.0
    ) -> None:
        """Blend a line of a given width in pixels along an (N, 2) curve."""
        self.fill(ribbon(curve, width), color, blur, opacity)
