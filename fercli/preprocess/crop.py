"""The crop of a face, or of a whole image: which part of the image it shows, and its pixels."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from fercli.errors import ConfigError, choose
from fercli.preprocess.align import eye_template, similarity, template
from fercli.preprocess.face import Face

ALIGNMENTS = ("five_point", "eyes", "none")
FITS = ("long", "short")
LARGEST_DRAWING = 8192  # pixels: limits memory; reached only if a face shrinks more than a hundredfold


@dataclass(frozen=True)
class Crop:
    """How a face is cut out of its image.

    With any alignment, a face without landmarks becomes the square around its box, not rotated.

    Attributes:
        size: side of the crop in pixels.
        align: `five_point` rotates and scales the face so that eyes, nose and mouth lie on the template. `eyes` rotates
            and scales it so that the eyes are level, with cubic interpolation. `none` does not rotate it.
        margin: added on each side of the face, as a share of the face's size; not used with `eyes`.
        eye_distance: distance between the centers of the eyes, as a share of the crop's width; for `eyes`.
        eye_height: distance of the eyes from the upper border, as a share of the crop's height; for `eyes`.
        fit: for images that are kept as a whole. `long`: the longer side gets `size` pixels, and black bars fill up the
            square. `short`: the shorter side gets `size` pixels, and the aspect ratio of the image stays.

    Raises:
        ConfigError: the size is not a positive whole number, the alignment or the fit does not exist, the margin is
            negative or not a number, or the eyes would not lie in the crop.

    Source: for `eyes`, Antoniadis 2021, chapter 3. It gives neither the distance nor the margins of its second crop:
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
        """OpenCV's flag for the interpolation between pixels."""
        return cv2.INTER_CUBIC if self.align == "eyes" else cv2.INTER_LINEAR

    @property
    def border(self) -> int:
        """OpenCV's flag for pixels outside the image: with `fit=short` the nearest pixel of the image, else black."""
        return cv2.BORDER_REPLICATE if self.fit == "short" else cv2.BORDER_CONSTANT

    def shape(self, face: Face) -> tuple[int, int]:
        """Return height and width of the crop in pixels: a square, except for a whole image with `fit=short`."""
        left, top, right, bottom = face.box
        short = min(right - left, bottom - top)
        if self.fit == "long" or not face.is_framed or short <= 0:
            return self.size, self.size
        return int(self.size * (bottom - top) / short), int(self.size * (right - left) / short)

    def matrix(self, face: Face) -> np.ndarray:
        """Return the (2, 3) float64 matrix from pixels of the image to pixels of the crop.

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
    """Return whether the crop is the image itself, pixel for pixel; `size` is its side, or its height and width."""
    return image.shape[:2] == _shape(size) and bool(np.abs(matrix - np.eye(2, 3)).max() < 1e-9)


def warp(
    image: np.ndarray,
    matrix: np.ndarray,
    size: int | tuple[int, int],
    interpolation: int = cv2.INTER_LINEAR,
    border: int = cv2.BORDER_CONSTANT,
) -> np.ndarray:
    """Compute the uint8 crop, (H, W) or (H, W, 3); `size` is its side, or its height and width.

    Pixels outside the image are black, or as OpenCV's flag `border` says. Shrinking is anti-aliased: the crop is drawn
    several times larger and averaged over blocks of pixels.
    """
    height, width = _shape(size)
    scale = math.sqrt(abs(np.linalg.det(matrix[:, :2])))
    factor = min(max(1, math.ceil(1 / scale - 1e-9)), max(1, LARGEST_DRAWING // max(height, width)))
    # Pixel i of the crop is the mean of `factor` pixels from i * factor on; their middle is (factor - 1) / 2 further.
    large = matrix * factor + np.array([[0, 0, (factor - 1) / 2]])
    drawn = cv2.warpAffine(image, large, (width * factor, height * factor), flags=interpolation, borderMode=border)
    return drawn if factor == 1 else cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA)


def _shape(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size
