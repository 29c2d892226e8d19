"""The crop of a face, or an image as a whole: which part of the image it shows, and its pixels."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from fercli.errors import ConfigError, choose
from fercli.preprocess.align import eye_template, similarity, template
from fercli.preprocess.face import Face

ALIGNMENTS = ("five_point", "eyes", "none")
FITS = ("long", "short")
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
        fit: of images that are kept as a whole. `long`: the longer side has `size` pixels, and black bars beside the
            shorter one make a square. `short`: the shorter side has `size` pixels and the longer one as many as keep
            the shape of the image.

    Raises:
        ConfigError: the size is no positive whole number, there is no such alignment or fit, the margin is no number
            from 0 on, or the eyes would not lie in the crop.

    Source: of `eyes`, Antoniadis 2021, chapter 3. It gives neither the distance nor the margins of its second crop:
    the defaults, which leave brows and chin inside, are a choice of this project.
    """

    size: int
    align: str = "five_point"
    margin: float = 0.1
    eye_distance: float = 0.35
    eye_height: float = 0.4
    fit: str = "long"

    def __post_init__(self) -> None:
        if not isinstance(self.size, int) or self.size < 1:
            raise ConfigError(f"expected data.size in pixels, at least 1; found {self.size}")
        choose("crop.align", self.align, ALIGNMENTS)
        choose("crop.fit", self.fit, FITS)
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

    @property
    def border(self) -> int:
        """Of OpenCV: what lies beyond the image. Its last pixel where images keep their shape: they have no bars."""
        return cv2.BORDER_REPLICATE if self.fit == "short" else cv2.BORDER_CONSTANT

    def shape(self, face: Face) -> tuple[int, int]:
        """Height and width of the crop in pixels: a square, but for a whole image that keeps its shape."""
        left, top, right, bottom = face.box
        short = min(right - left, bottom - top)
        if self.fit == "long" or not face.is_framed or short <= 0:
            return self.size, self.size
        return int(self.size * (bottom - top) / short), int(self.size * (right - left) / short)

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
        width_height = np.array(self.shape(face)[::-1])
        if face.is_framed and self.fit == "short":
            scale = width_height / np.array([right - left, bottom - top])
        else:
            scale = np.full(2, self.size / side)
        center = np.array([left + right, top + bottom]) / 2
        return np.column_stack([np.diag(scale), (width_height - 1) / 2 - scale * center])


def is_identity(matrix: np.ndarray, image: np.ndarray, size: int | tuple[int, int]) -> bool:
    """Whether the crop, a square or of a height and a width, is the image itself, pixel for pixel."""
    return image.shape[:2] == _shape(size) and bool(np.abs(matrix - np.eye(2, 3)).max() < 1e-9)


def warp(
    image: np.ndarray,
    matrix: np.ndarray,
    size: int | tuple[int, int],
    interpolation: int = cv2.INTER_LINEAR,
    border: int = cv2.BORDER_CONSTANT,
) -> np.ndarray:
    """The uint8 crop (H, W) or (H, W, 3), a square or of a height and a width.

    Where it leaves the image, it is black, or as the `border` of OpenCV says.

    Shrinking is anti-aliased: the crop is drawn several times too large and averaged over whole blocks.
    """
    height, width = _shape(size)
    scale = math.sqrt(abs(np.linalg.det(matrix[:, :2])))
    factor = min(max(1, math.ceil(1 / scale - 1e-9)), max(1, LARGEST_DRAWING // max(height, width)))
    # Pixel i of the crop covers pixels i * factor ... of the large one, whose centers lie (factor - 1) / 2 further.
    large = matrix * factor + np.array([[0, 0, (factor - 1) / 2]])
    drawn = cv2.warpAffine(image, large, (width * factor, height * factor), flags=interpolation, borderMode=border)
    return drawn if factor == 1 else cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA)


def _shape(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size
