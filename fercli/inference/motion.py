"""Where a face is expected in the next frame: a Kalman filter with constant velocity."""

import math
from typing import NamedTuple

import numpy as np

from fercli.preprocess.face import Face

NOISE = 0.05  # standard deviation of a detected center, in sides of the face
ACCELERATION = 8.0  # standard deviation of the acceleration, in sides a second squared
FIRST_SPEED = 3.0  # standard deviation of the unknown first velocity, in sides a second
COAST = 0.5  # seconds after which the velocity of an unseen face has fallen to 1 / e: people stop
SIZE_STEP = 0.4  # weight of the newest side in the smoothed side


class Place(NamedTuple):
    """The center of a face in its image, and the side of a square with the area of its box; in pixels."""

    x: float
    y: float
    side: float

    @classmethod
    def of(cls, face: Face) -> "Place":
        """Return the place of a face."""
        left, top, right, bottom = face.box
        return cls((left + right) / 2, (top + bottom) / 2, math.sqrt(max(1e-9, (right - left) * (bottom - top))))


class Motion:
    """The movement of one face: position and velocity with their uncertainty, and the smoothed side.

    The uncertainty is in sides of the face, so that a near and a far person are treated alike. x and y share it.

    Args:
        place: where the face was seen first.
        time: in seconds.

    Source: Kalman 1960; the noise of a white acceleration as in Bar-Shalom, Li and Kirubarajan 2001, section 6.3.2.
    """

    def __init__(self, place: Place, time: float):
        self.time = time
        self.side = place.side
        self.state = np.array([[place.x, place.y], [0.0, 0.0]])  # position and velocity, in pixels
        self.covariance = np.diag([NOISE**2, FIRST_SPEED**2])  # in sides

    def expected(self, time: float) -> tuple[Place, float]:
        """Return the expected place at a later time, and the standard deviation of its center in sides."""
        state, covariance = self._predicted(time)
        return Place(float(state[0, 0]), float(state[0, 1]), self.side), math.sqrt(covariance[0, 0])

    def update(self, place: Place, time: float) -> None:
        """Take the next sighting."""
        state, covariance = self._predicted(time)
        gain = covariance[:, :1] / (covariance[0, 0] + NOISE**2)
        self.state = state + gain * (np.array([[place.x, place.y]]) - state[:1])
        self.covariance = covariance - gain @ covariance[:1]
        self.side += SIZE_STEP * (place.side - self.side)
        self.time = time

    def _predicted(self, time: float) -> tuple[np.ndarray, np.ndarray]:
        step = max(0.0, time - self.time)
        reach = COAST * (1 - math.exp(-step / COAST))  # distance at speed 1, while the velocity falls
        move = np.array([[1.0, reach], [0.0, math.exp(-step / COAST)]])
        noise = np.array([[step**4 / 4, step**3 / 2], [step**3 / 2, step**2]]) * ACCELERATION**2
        return move @ self.state, move @ self.covariance @ move.T + noise
