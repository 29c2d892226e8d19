"""The square crop of a face: which part of the image it shows, and its pixels."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from fercli.errors import ConfigError, nearest
from fercli.preprocess.align import eye_template, similarity, template
from fercli.preprocess.face import Face

ALIGNMENTS = ("five_point", "eyes", "none")
LARGEST_DRAWING = 8192  # pixels: a bound on memory, reached where a face shrinks more than a hundredfold


@dataclass(frozen=True)
class Crop:
    """How a face is cut out of its image.

    A face without landmarks, whatever the alignment, becomes the upright square around its box.

    Attributes:
        size: pixels of the crop's side.
        align: `five_point` turns and scales the face so that eyes, nose and mouth lie on the template; `eyes` so that
            the eyes are level, by cubic interpolation; `none` leaves it upright.
        margin: added on each side of the face, as a share of the face's size; not to a face aligned by its `eyes`.
        eye_distance: between the centers of the eyes, as a share of the crop's width; for `eyes`.
        eye_height: of the eyes below the upper border, as a share of the crop's height; for `eyes`.

    Raises:
        ConfigError: the size is no positive whole number, there is no such alignment, the margin is no number from 0
            on, or the eyes would not lie in the crop.

    Source: of `eyes`, Antoniadis 2021, chapter 3. It gives neither the distance nor the margins of its second crop:
    the defaults, which leave brows and chin inside, are a choice of this project.
    """

    size: int
    align: str = "five_point"
    margin: float = 0.1
    eye_distance: float = 0.35
    eye_height: float = 0.4

    def __post_init__(self) -> None:
        if not isinstance(self.size, int) or self.size < 1:
            raise ConfigError(f"expected data.size in pixels, at least 1; found {self.size}")
        if self.align not in ALIGNMENTS:
            raise ConfigError(f"no crop.align named '{self.align}'; {nearest(str(self.align), ALIGNMENTS)}")
        if not isinstance(self.margin, int | float) or not 0 <= self.margin < math.inf:
            raise ConfigError(f"expected crop.margin as a share of the face's size, at least 0; found {self.margin}")
        for name in ("eye_distance", "eye_height"):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 < value < 1:
                raise ConfigError(f"expected crop.{name} as a share of the crop's size, between 0 and 1; found {value}")

    @property
    def interpolation(self) -> int:
        """Of OpenCV, between the pixels of the image."""
        return cv2.INTER_CUBIC if self.align == "eyes" else cv2.INTER_LINEAR

    def matrix(self, face: Face) -> np.ndarray:
        """The (2, 3) float64 matrix from pixels of the image to pixels of the crop.

        Raises:
            ValueError: the box is empty, or the landmarks coincide.
        """
        if face.points is not None and not face.is_framed:
            if self.align == "five_point":
                return similarity(face.points, template(self.size, self.margin))
            if self.align == "eyes":
                return similarity(face.points[:2], eye_template(self.size, self.eye_distance, self.eye_height))
        left, top, right, bottom = face.box
        side = max(right - left, bottom - top) * (1 if face.is_framed else 1 + 2 * self.margin)
        if not (right > left and bottom > top):
            raise ValueError(f"the box {face.box} is empty")
        scale = self.size / side
        center = np.array([left + right, top + bottom]) / 2
        return np.column_stack([scale * np.eye(2), (self.size - 1) / 2 - scale * center])


def is_identity(matrix: np.ndarray, image: np.ndarray, size: int) -> bool:
    """Whether the crop is the image itself, pixel for pixel."""
    return image.shape[:2] == (size, size) and bool(np.abs(matrix - np.eye(2, 3)).max() < 1e-9)


def warp(image: np.ndarray, matrix: np.ndarray, size: int, interpolation: int = cv2.INTER_LINEAR) -> np.ndarray:
    """The (size, size) or (size, size, 3) uint8 crop; black where it leaves the image.

    Shrinking is anti-aliased: the crop is drawn several times too large and averaged over whole blocks.
    """
    scale = math.sqrt(abs(np.linalg.det(matrix[:, :2])))
    factor = min(max(1, math.ceil(1 / scale - 1e-9)), LARGEST_DRAWING // size)
    # Pixel i of the crop covers pixels i * factor ... of the large one, whose centers lie (factor - 1) / 2 further.
    large = matrix * factor + np.array([[0, 0, (factor - 1) / 2]])
    drawn = cv2.warpAffine(image, large, (size * factor, size * factor), flags=interpolation)
    return drawn if factor == 1 else cv2.resize(drawn, (size, size), interpolation=cv2.INTER_AREA)
