"""What a model predicts for one face, and what its network read for this prediction."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class NetworkInput:
    """One face as the network reads it.

    Attributes:
        image: (C, size, size) uint8, or a clip (length, C, size, size).
        scene: the same with (h, w) pixels; None where the network reads no scenes.
        landmarks: (68, 2) in pixels of the image, NaN for a face without landmarks; None where none are looked for.
    """

    image: np.ndarray
    scene: np.ndarray | None = None
    landmarks: np.ndarray | None = None

    def copy(self) -> "NetworkInput":
        """Return a copy of its own: the arrays of a face are views of those of its batch."""
        scene, landmarks = (None if one is None else one.copy() for one in (self.scene, self.landmarks))
        return NetworkInput(self.image.copy(), scene, landmarks)


class Outputs(dict[str, Any]):
    """The outputs for a face by the names of their columns; empty where a model predicts nothing.

    Attributes:
        read: what the network read; None without a prediction.
    """

    read: NetworkInput | None = None
