"""Hair behind and in front of the face, ears and beard."""

import numpy as np

from fercli.datasets.synthetic.anatomy import JAW, on_surface
from fercli.datasets.synthetic.canvas import smooth, taper
from fercli.datasets.synthetic.painter import Painter

# From the left ear over the forehead to the right ear, in half face widths.
HAIRLINES = {
    "short": [(-0.97, -0.2), (-0.86, -0.55), (-0.5, -0.8), (0, -0.84), (0.5, -0.8), (0.86, -0.55), (0.97, -0.2)],
    "fringe": [(-0.98, 0.0), (-0.9, -0.42), (-0.5, -0.6), (0, -0.66), (0.5, -0.72), (0.88, -0.5), (0.98, 0.0)],
    "long": [(-0.99, 0.4), (-0.88, -0.35), (-0.55, -0.76), (0.1, -0.92), (0.6, -0.72), (0.9, -0.35), (0.99, 0.4)],
    "curly": [(-0.98, 0.0), (-0.88, -0.5), (-0.45, -0.74), (0, -0.76), (0.45, -0.74), (0.88, -0.5), (0.98, 0.0)],
    "receding": [(-1.0, -0.05), (-0.93, -0.45), (-0.8, -0.75), (0, -1.02), (0.8, -0.75), (0.93, -0.45), (1, -0.05)],
}


def _crown(painter: Painter, wave: float = 0.0) -> np.ndarray:
    """Return the (N, 2) outer edge of the hair from ear to ear, in half face widths."""
    angle = np.linspace(0, np.pi, 37)
    volume = painter.subject.hair_volume + wave * np.cos(angle * 22)
    x = (painter.subject.face_width + 0.6 * volume) * np.cos(angle)
    y = -0.02 - (1.08 + volume) * np.sin(angle) ** 0.85
    return np.column_stack([x, y])


def back_hair(painter: Painter) -> None:
    """Paint the part of long hair that falls behind the face."""
    subject = painter.subject
    if subject.hair_style == "long":
        crown = _crown(painter)
        side = subject.face_width + 0.7 * subject.hair_volume
        half = np.array([(side, 0.5), (side + 0.02, 1.1), (side - 0.12, 1.5), (side - 0.45, 1.62)])
        fall = smooth(np.concatenate([half * (-1, 1), half[::-1]]))
        edge = np.concatenate([crown, fall])
        pixels = painter.project(np.column_stack([edge, np.full(len(edge), -0.35)]))
        painter.canvas.fill(pixels, subject.hair * 0.7, 0.03 * painter.unit)


def ears(painter: Painter) -> None:
    """Paint both ears."""
    shape = [(0.96, -0.12), (1.10, -0.14), (1.13, 0.1), (1.05, 0.36), (0.94, 0.38)]
    for side in (-painter.subject.face_width, painter.subject.face_width):
        outline = smooth(painter.plane([(side * x, y) for x, y in shape], -0.2), closed=True)
        painter.canvas.fill(outline, painter.shade(0.86, 4), 0.01 * painter.unit)


def beard(painter: Painter) -> None:
    """Paint a beard around the mouth and along the jaw if the subject has one."""
    subject = painter.subject
    if subject.beard:
        jaw = painter.points(JAW)[2:15]
        mouth = subject.mouth_height
        half = [(0.93, mouth - 0.45), (0.7, mouth - 0.1), (0.48, mouth - 0.08), (0.3, mouth - 0.2), (0.12, mouth - 0.2)]
        upper = smooth(np.array(half + [(-x, y) for x, y in reversed(half)]))
        area = np.concatenate([jaw, painter.project(on_surface(upper))])
        painter.canvas.fill(area, 0.75 * subject.hair + 0.1 * subject.skin, 0.08 * painter.unit, subject.beard)


def front_hair(painter: Painter) -> None:
    """Paint the hair that lies over the forehead, with its shadow."""
    subject, unit = painter.subject, painter.unit
    width = subject.face_width
    crown = _crown(painter, wave=0.035 if subject.hair_style == "curly" else 0.0)
    front = on_surface(smooth(np.array(HAIRLINES[subject.hair_style]) * (width, 1)))
    back = np.column_stack([crown, np.full(len(crown), -0.15)])
    cap = painter.project(np.concatenate([back, front]))
    painter.canvas.fill(cap, subject.hair * 0.45, 0.06 * unit, 0.5)
    painter.canvas.fill(cap, subject.hair, 0.02 * unit)
    shine = 0.55 * back[8:29:4] + 0.45 * np.array([0, -0.75, 0.3])
    curve = smooth(painter.project(shine))
    painter.canvas.stroke(
        curve, 0.16 * unit * taper(len(curve)), np.minimum(subject.hair * 1.45 + 12, 255), 0.08 * unit, 0.5
    )
