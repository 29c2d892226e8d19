"""The pose of a head and the light on it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Pose:
    """Angles in radians (yaw to the right of the image, pitch down, roll clockwise); lengths as shares of the frame."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    scale: float = 0.235  # half the width of the face
    shift_x: float = 0.0
    shift_y: float = 0.0

    def project(self, points: np.ndarray, size: int) -> np.ndarray:
        """Project (..., N, 3) points of the head (x right, y down, z to the viewer; half face widths) to pixels.

        The pixels are (..., N, 2), x and y.
        """
        return (points @ self._rotation + self._middle) * size

    @cached_property
    def _middle(self) -> np.ndarray:
        return np.array([0.5 + self.shift_x, 0.49 + self.shift_y])

    @cached_property
    def _rotation(self) -> np.ndarray:
        """(3, 2) map from the head to the frame: yaw, then pitch, then roll, then scale."""
        (c, s), (cp, sp), (cr, sr) = ((np.cos(a), np.sin(a)) for a in (self.yaw, self.pitch, self.roll))
        yaw = np.array([(c, 0, -s), (0, 1, 0), (s, 0, c)])
        pitch = np.array([(1, 0, 0), (0, cp, -sp), (0, sp, cp)])
        roll = np.array([(cr, sr), (-sr, cr), (0, 0)])
        return self.scale * (yaw @ pitch @ roll)


@dataclass(frozen=True)
class Light:
    """A lamp and a camera: `direction` points to the lamp, `tint` multiplies RGB, `noise` is in gray levels."""

    direction: tuple[float, float, float] = (0.0, -0.4, 0.9)
    contrast: float = 0.35
    gain: float = 1.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    noise: float = 3.0


def make_pose(rng: np.random.Generator) -> Pose:
    """Draw a pose as in casual photographs: mostly frontal."""
    yaw, pitch, roll = np.clip(rng.normal(0, np.radians([11, 6, 6])), -0.5, 0.5)
    shift_x, shift_y = rng.uniform(-0.05, 0.05, 2)
    return Pose(float(yaw), float(pitch), float(roll), float(rng.uniform(0.21, 0.26)), float(shift_x), float(shift_y))


def make_light(rng: np.random.Generator) -> Light:
    """Draw a light between a dim lamp at the side and a bright sky."""
    direction = rng.normal((0, -0.45, 0.9), (0.5, 0.25, 0.1))
    direction /= np.linalg.norm(direction)
    warmth = rng.normal(0, 0.04)
    return Light(
        direction=(float(direction[0]), float(direction[1]), float(direction[2])),
        contrast=float(rng.uniform(0.2, 0.6)),
        gain=float(rng.uniform(0.7, 1.15)),
        tint=(float(1 + warmth), 1.0, float(1 - warmth)),
        noise=float(rng.uniform(1, 7)),
    )
