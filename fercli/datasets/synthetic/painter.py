"""What the painting of every part of a head needs: the canvas, the subject, and where points of the head lie."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fercli.datasets.synthetic.actions import Actions
from fercli.datasets.synthetic.anatomy import Anatomy, on_surface
from fercli.datasets.synthetic.canvas import INVISIBLE, Canvas, ribbon, smooth, taper
from fercli.datasets.synthetic.subject import Subject

SIDES = np.array([[(-1.0, 1.0)], [(1.0, 1.0)]])  # turns points of the right side to those of the left and the right

Line = Sequence[tuple[float, float]]  # points of the face: x, y in half face widths


@dataclass(frozen=True)
class Painter:
    """A canvas and the person to paint on it; `unit` is half a face width in pixels."""

    canvas: Canvas
    subject: Subject
    actions: Actions
    anatomy: Anatomy
    project: Callable[[np.ndarray], np.ndarray]  # (..., N, 3) points of the head to (..., N, 2) pixels
    unit: float

    def shade(self, factor: float, red: float = 0.0) -> np.ndarray:
        """Return the color of the skin times `factor`, and redder by `red` gray levels."""
        return np.minimum(np.maximum(self.subject.skin * factor + np.array([red, -red / 3, -red / 3]), 0), 255)

    def points(self, part: slice) -> np.ndarray:
        """Return (N, 2) pixel coordinates of landmarks."""
        return self.project(self.anatomy.landmarks[part])

    def plane(self, flat: Line, z: float) -> np.ndarray:
        """Return (N, 2) pixel coordinates of points on a plane of constant depth."""
        return self.project(np.array([(x, y, z) for x, y in flat]))

    def both(self, *lines: Line) -> np.ndarray:
        """Return (2 L, N, 2) pixels of L lines: for each one, its mirror line on the left, then the line itself."""
        right = np.array(lines)
        return self.project(on_surface((right[:, None] * SIDES).reshape(-1, *right.shape[1:])))

    def fold(self, line: Line, width: float, opacity: float) -> None:
        """Paint a tapered dark fold of the skin along points of the face; `width` is in half face widths."""
        if opacity > INVISIBLE:
            self._fold(self.project(on_surface(np.array(line))), width, opacity)

    def folds(self, *lines: Line, width: float, opacity: float) -> None:
        """Paint folds as `fold` does, along points on the right of the face and along their mirror points."""
        if opacity > INVISIBLE:
            self._fold(self.both(*lines), width, opacity)

    def _fold(self, lines: np.ndarray, width: float, opacity: float) -> None:
        curves = smooth(lines)
        shapes = ribbon(curves, width * self.unit * taper(curves.shape[-2]))
        self.canvas.fill(shapes, self.shade(0.58), 0.018 * self.unit, opacity)
