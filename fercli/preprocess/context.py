"""The scene around a face as a small picture of its own."""

from dataclasses import dataclass

import cv2
import numpy as np

from fercli.errors import ConfigError
from fercli.preprocess.face import Face

CENTER_SHARE = 0.6  # of the shorter side


@dataclass(frozen=True)
class Context:
    """Whether and how the whole image is kept beside the face.

    Attributes:
        keep: without it, the scene is not stored.
        height: pixels, to which the whole image is stretched.
        width: likewise.
        mask_face: black out the box of the face, as CAER-Net does; where no face was found, nothing is.

    Raises:
        ConfigError: height or width is no positive whole number.

    Source: Lin 2021, chapter 3, which crops 112 x 112 pixels of 128 x 171; read as height and width.
    """

    keep: bool = False
    height: int = 128
    width: int = 171
    mask_face: bool = False

    def __post_init__(self) -> None:
        for name in ("height", "width"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ConfigError(f"expected context.{name} in pixels, at least 1; found {value}")

    def picture(self, image: np.ndarray, face: Face | None) -> np.ndarray:
        """(height, width) or (height, width, 3) uint8 of an image with or without a face that was found."""
        if self.mask_face and face is not None:
            image = image.copy()
            left, top, right, bottom = (max(0, round(edge)) for edge in face.box)
            image[top : bottom + 1, left : right + 1] = 0
        shrinks = image.shape[0] * image.shape[1] > self.height * self.width
        interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return cv2.resize(image, (self.width, self.height), interpolation=interpolation)


def center_face(image: np.ndarray) -> Face:
    """The middle of an image, a square of 60 % of its shorter side, in place of a face that was not found."""
    height, width = image.shape[:2]
    x, y, half = (width - 1) / 2, (height - 1) / 2, CENTER_SHARE * min(height, width) / 2
    return Face((x - half, y - half, x + half, y + half), confidence=0.0, is_framed=True)
