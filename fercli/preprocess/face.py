"""A face in an image, and the detectors that need no network: the whole image, or what the data set gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fercli.records import Record


@dataclass(frozen=True)
class Face:
    """One face, in pixels of its image; the center of the top left pixel is (0, 0).

    Attributes:
        box: left, top, right, bottom.
        points: (5, 2) float64 x, y: the eye on the left of the image, the other eye, nose tip, mouth corner on the
            left, the other corner; None where unknown.
        confidence: in [0, 1].
        is_framed: the box is the picture to keep, so that it is neither aligned nor given a margin.
        landmarks: (68, 2) float64 x, y, iBUG order, where they were looked for in the image.
    """

    box: tuple[float, float, float, float]
    points: np.ndarray | None = None
    confidence: float = 1.0
    is_framed: bool = False
    landmarks: np.ndarray | None = None

    def problem(self, height: int, width: int) -> str | None:
        """Why the face cannot be cut out of an image of this size, as a short constant phrase; None where it can.

        A box that is partly outside is none: the crop is black there.
        """
        left, top, right, bottom = self.box
        if not (np.isfinite(self.box).all() and left < right and top < bottom):
            return "face box has no area"
        if not _overlaps(self.box, height, width):
            return "face box beside the image"
        if self.points is not None and not _overlaps((*self.points.min(0), *self.points.max(0)), height, width):
            return "landmarks beside the image"
        return None


def _overlaps(box: Sequence[float], height: int, width: int) -> bool:
    """Whether a box shows some of an image, whose borders lie half a pixel outside the centers of its last pixels."""
    left, top, right, bottom = box
    return bool(left < width - 0.5 and top < height - 0.5 and right > -0.5 and bottom > -0.5)


@dataclass(frozen=True)
class Absent:
    """Why no face of an image is kept: a reason, by which rows are counted, and what was found in this one."""

    reason: str
    detail: str = ""


class Detector(Protocol):
    """Finds the face to keep; `batch_size` images are given at a time."""

    batch_size: int

    def find(self, images: Sequence[np.ndarray], records: Sequence[Record]) -> list[Face | Absent]:
        """The face of each image, which is (H, W) or (H, W, 3) RGB uint8, or why there is none."""
        ...


class WholeImage:
    """No detection: the image is the crop, as in data sets that come as face crops."""

    batch_size = 64

    def find(self, images: Sequence[np.ndarray], records: Sequence[Record]) -> list[Face | Absent]:
        """A framed face as large as each image."""
        return [Face((-0.5, -0.5, im.shape[1] - 0.5, im.shape[0] - 0.5), is_framed=True) for im in images]


class Given:
    """The box and the landmarks that come with the data set; a row without either has no face."""

    batch_size = 64

    def find(self, images: Sequence[np.ndarray], records: Sequence[Record]) -> list[Face | Absent]:
        """The face that each record describes; without a box, the box around its landmarks."""
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
    """Eyes, nose tip and mouth corners, (5, 2) float64, from 5 or 68 landmarks (iBUG order); None for other counts."""
    landmarks = np.asarray(landmarks, dtype=np.float64)
    if len(landmarks) == 5:
        return landmarks
    if len(landmarks) != 68:
        return None
    eyes = landmarks[36:42].mean(0), landmarks[42:48].mean(0)
    return np.stack([*eyes, landmarks[30], landmarks[48], landmarks[54]])
