"""What the painting of every part of a head needs: the canvas, the subject, and where points of the head lie."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fercli.datasets.synthetic.actions import Actions
from fercli.datasets.synthetic.anatomy import Anatomy, on_surface
from fercli.datasets.synthetic.canvas import Canvas, ribbon, smooth, taper
from fercli.datasets.synthetic.subject import Subject


@dataclass(frozen=True)
class Painter:
    """A canvas and the person to paint on it; `unit` is half a face width in pixels."""

    canvas: Canvas
    subject: Subject
    actions: Actions
    anatomy: Anatomy
    project: Callable[[np.ndarray], np.ndarray]  # (N, 3) points of the head to (N, 2) pixels
    unit: float

    def shade(self, factor: float, red: float = 0.0) -> np.ndarray:
        """Return the color of the skin times `factor`, and redder by `red` gray levels."""
        return np.clip(self.subject.skin * factor + np.array([red, -red / 3, -red / 3]), 0, 255)

    def points(self, part: slice) -> np.ndarray:
        """Return (N, 2) pixel coordinates of landmarks."""
        return self.project(self.anatomy.landmarks[part])

    def plane(self, flat: list[tuple[float, float]], z: float) -> np.ndarray:
        """Return (N, 2) pixel coordinates of points on a plane of constant depth."""
        return self.project(np.array([(x, y, z) for x, y in flat]))

    def both(self, flat: list[tuple[float, float]]) -> list[np.ndarray]:
        """Return pixel coordinates of points mirrored to the left side of the face, and of the points themselves."""
        return [self.project(on_surface(np.array([(side * x, y) for x, y in flat]))) for side in (-1, 1)]

    def fold(self, *lines: list[tuple[float, float]], width: float, opacity: float) -> None:
        """Paint tapered dark folds of the skin along points of the face; `width` is in half face widths."""
        self._fold([self.project(on_surface(np.array(line))) for line in lines], width, opacity)

    def folds(self, *lines: list[tuple[float, float]], width: float, opacity: float) -> None:
        """Paint folds as `fold` does, along points on the right of the face and along their mirror points."""
        self._fold([pixels for line in lines for pixels in self.both(line)], width, opacity)

    def _fold(self, lines: list[np.ndarray], width: float, opacity: float) -> None:
        curves = [smooth(line) for line in lines]
        shapes = [ribbon(curve, width * self.unit * taper(len(curve))) for curve in curves]
        self.canvas.fill(shapes, self.shade(0.58), 0.018 * self.unit, opacity)
