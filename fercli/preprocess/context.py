"""The scene around a face as a small picture of its own."""

from dataclasses import dataclass

import cv2
import numpy as np

from fercli.errors import ConfigError
from fercli.preprocess.face import Face


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
