"""The scene around a face as a separate small image."""

from dataclasses import dataclass

import cv2
import numpy as np

from fercli.errors import ConfigError
from fercli.preprocess.face import Face

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Context:
    """Whether and how the whole image is stored beside the face.

    Attributes:
        keep: whether the scene is stored.
        height: height in pixels to which the whole image is resized.
        width: width in pixels to which the whole image is resized; the aspect ratio may change.

    Raises:
        ConfigError: height or width is not a positive whole number.

    Source: Lin 2021, chapter 3, which crops 112 x 112 pixels of 128 x 171; here 128 is taken as the height.
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
        """Resize an image, (H, W) or (H, W, 3), to the scene: (height, width) or (height, width, 3) uint8."""
        shrinks = image.shape[0] * image.shape[1] > self.height * self.width
        interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return cv2.resize(image, (self.width, self.height), interpolation=interpolation)

    def box(self, image: np.ndarray, face: Face | None) -> Box | None:
        """Return left, top, right, bottom of a face in pixels of the scene; the center of its top left pixel is (0, 0).

        None where no face was found, and where the whole image is the face: then there is no scene around it.
        """
        if face is None or face.is_framed:
            return None
        down, across = self.height / image.shape[0], self.width / image.shape[1]
        left, top, right, bottom = face.box
        return _moved(left, across), _moved(top, down), _moved(right, across), _moved(bottom, down)


def _moved(edge: float, scale: float) -> float:
    """Return a coordinate after resizing: the borders of the image, half a pixel outside, stay borders."""
    return float(np.float32((edge + 0.5) * scale - 0.5))  # a store keeps float32
