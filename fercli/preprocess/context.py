"""The scene around a face as a small picture of its own."""

from dataclasses import dataclass

import cv2
import numpy as np

from fercli.errors import ConfigError
from fercli.preprocess.face import Face

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Context:
    """Whether and how the whole image is kept beside the face.

    Attributes:
        keep: without it, the scene is not stored.
        height: pixels, to which the whole image is stretched.
        width: likewise.

    Raises:
        ConfigError: height or width is no positive whole number.

    Source: Lin 2021, chapter 3, which crops 112 x 112 pixels of 128 x 171; read as height and width.
    """

    keep: bool = False
    height: int = 128
    width: int = 171

    def __post_init__(self) -> None:
        for name in ("height", "width"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ConfigError(f"expected context.{name} in pixels, at least 1; found {value}")

    def picture(self, image: np.ndarray) -> np.ndarray:
        """(height, width) or (height, width, 3) uint8 of an image (H, W) or (H, W, 3)."""
        shrinks = image.shape[0] * image.shape[1] > self.height * self.width
        interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return cv2.resize(image, (self.width, self.height), interpolation=interpolation)

    def box(self, image: np.ndarray, face: Face | None) -> Box | None:
        """Left, top, right, bottom of a face in pixels of the picture; the center of its top left pixel is (0, 0).

        None where no face was found, and where the whole image is the face: then nothing around it is known.
        """
        if face is None or face.is_framed:
            return None
        down, across = self.height / image.shape[0], self.width / image.shape[1]
        left, top, right, bottom = face.box
        return _moved(left, across), _moved(top, down), _moved(right, across), _moved(bottom, down)


def _moved(edge: float, scale: float) -> float:
    """Where a coordinate lies after resizing: the borders of the image, at half a pixel, stay borders."""
    return float(np.float32((edge + 0.5) * scale - 0.5))  # as a store keeps it
