"""A face in an image, and detectors without a neural network: the whole image, or the face that the data set gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fercli.records import Record

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Face:
    """One face, in pixels of its image; the center of the top left pixel is (0, 0).

    Attributes:
        box: left, top, right, bottom.
        points: (5, 2) float64 x, y: left eye, right eye, nose tip, left and right mouth corner, with left and right as
            in the image; None where unknown.
        confidence: in [0, 1].
        is_framed: the box is exactly the region to keep: it is not aligned and gets no margin.
        landmarks: (68, 2) float64 x, y, iBUG order, where a predictor found them in the image.
    """

    box: Box
    points: np.ndarray | None = None
    confidence: float = 1.0
    is_framed: bool = False
    landmarks: np.ndarray | None = None

    def problem(self, height: int, width: int) -> str | None:
        """Return why the face cannot be cut out of an image of this size, as a short constant phrase; None if it can.

        A box that is partly outside the image is no problem: the crop is black there.
        """
        left, top, right, bottom = self.box
        if not (np.isfinite(self.box).all() and left < right and top < bottom):
            return "face box has no area"
        if not _overlaps(self.box, height, width):
            return "face box beside the image"
        if self.points is not None and not _overlaps((*self.points.min(0), *self.points.max(0)), height, width):
            return "landmarks beside the image"
        return None


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    common = max(0.0, width) * max(0.0, height)
    areas = ((right - left) * (bottom - top) for left, top, right, bottom in (one, other))
    return common / (sum(areas) - common)


def _overlaps(box: Sequence[float], height: int, width: int) -> bool:
    """Return whether a box overlaps an image; its borders lie half a pixel outside the centers of its last pixels."""
    left, top, right, bottom = box
    return bool(left < width - 0.5 and top < height - 0.5 and right > -0.5 and bottom > -0.5)


@dataclass(frozen=True)
class Absent:
    """Why no face of an image is kept: a reason, by which rows are counted, and what was found in this image."""

    reason: str
    detail: str = ""


class Detector(Protocol):
    """Finds the face to keep; it gets `batch_size` images at a time."""

    batch_size: int

    def find(self, images: Sequence[np.ndarray], records: Sequence[Record]) -> list[Face | Absent]:
        """Return the face of each image, or why there is none; images are (H, W) or (H, W, 3) RGB uint8."""
        ...


class WholeImage:
    """No detection: the image is the crop, as in data sets that come as face crops."""

    batch_size = 64

    def find(self, images: Sequence[np.ndarray], records: Sequence[Record]) -> list[Face | Absent]:
        """Return a framed face as large as each image."""
        return [Face((-0.5, -0.5, im.shape[1] - 0.5, im.shape[0] - 0.5), is_framed=True) for im in images]


class Given:
    """Takes the box and the landmarks that come with the data set; a row without box and landmarks has no face."""

    batch_size = 64

    def find(self, images: Sequence[np.ndarray], records: Sequence[Record]) -> list[Face | Absent]:
        """Return the face that each record describes; without a box, the box around its landmarks."""
        return [self._face(record) for record in records]

    def _face(self, record: Record) -> Face | Absent:
        points = None if record.landmarks is None else five_points(record.landmarks)
        if record.box is not None:
            return Face(record.box, points)
        if record.landmarks is None:
            return Absent("no face given")
        low, high = record.landmarks.min(0), record.landmarks.max(0)
        return Face((float(low[0]), float(low[1]), float(high[0]), float(high[1])), points)


def five_points(landmarks: np.ndarray) -> np.ndarray | None:
    """Return eyes, nose tip and mouth corners, (5, 2) float64, from 5 or 68 (iBUG) landmarks; None for other counts."""
    landmarks = np.asarray(landmarks, dtype=np.float64)
    if len(landmarks) == 5:
        return landmarks
    if len(landmarks) != 68:
        return None
    eyes = landmarks[36:42].mean(0), landmarks[42:48].mean(0)
    return np.stack([*eyes, landmarks[30], landmarks[48], landmarks[54]])
