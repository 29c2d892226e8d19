"""Damage to stored images on purpose, to measure what such a mistake costs a network."""

from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np

from fercli.errors import ConfigError


@dataclass(frozen=True)
class Damage:
    """What is done to each crop before it is stored.

    Attributes:
        jpeg_quality: the crop is compressed as JPEG of this quality, 1 to 100, and decoded again; None does nothing.
        swap_colors: red and blue change places, as where OpenCV reads a file and RGB is expected.

    Raises:
        ConfigError: the quality is not a whole number from 1 to 100.
    """

    jpeg_quality: int | None = None
    swap_colors: bool = False

    def __post_init__(self) -> None:
        quality = self.jpeg_quality
        if quality is not None and (type(quality) is not int or not 1 <= quality <= 100):
            raise ConfigError(f"expected damage.jpeg_quality from 1 to 100, or null; found {quality}")
        if type(self.swap_colors) is not bool:
            raise ConfigError(f"expected damage.swap_colors true or false; found {self.swap_colors}")

    @property
    def is_none(self) -> bool:
        """Whether images stay as they are."""
        return self == Damage()

    @property
    def document(self) -> dict[str, Any]:
        """What a store records; empty without damage."""
        return {} if self.is_none else {"damage": asdict(self)}

    def apply(self, image: np.ndarray) -> np.ndarray:
        """Return an image, (H, W) or (H, W, 3) RGB uint8, with the damage; same shape."""
        if self.swap_colors and image.ndim == 3:
            image = np.ascontiguousarray(image[..., ::-1])
        if self.jpeg_quality is None:
            return image
        pixels = image if image.ndim == 2 else image[..., ::-1]
        compressed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, self.jpeg_quality])[1]
        read = cv2.imdecode(compressed, cv2.IMREAD_UNCHANGED)
        assert read is not None  # OpenCV reads what it wrote
        return read if read.ndim == 2 else np.ascontiguousarray(read[..., ::-1])
