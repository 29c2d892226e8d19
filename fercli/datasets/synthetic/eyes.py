"""Eyes, brows and glasses."""

import numpy as np

from fercli.datasets.synthetic.anatomy import RIGHT_BROW, on_surface
from fercli.datasets.synthetic.canvas import smooth, taper
from fercli.datasets.synthetic.painter import Painter

EYE_WHITE, PUPIL = np.array([238.0, 236, 232]), np.array([16.0, 14, 14])


def eye(painter: Painter, part: slice) -> None:
    """Paint one eye; `part` selects its landmarks."""
    canvas, unit, actions, subject = painter.canvas, painter.unit, painter.actions, painter.subject
    corners = painter.points(part)
    upper, lower = smooth(corners[:4]), smooth(corners[[3, 4, 5, 0]])
    opening = np.concatenate([upper, lower[1:-1]])
    canvas.fill(opening, EYE_WHITE, 0.006 * unit)
    center = 0.5 * (corners[0] + corners[3])
    center = center + np.array([0.055 * actions.gaze_x, 0.035 * actions.gaze_y - 0.012]) * unit
    found = canvas.mask(opening)
    if found is not None:
        _iris(painter, center, found)
    lid = upper + np.array([0, -0.005]) * unit
    canvas.stroke(
        lid, 0.05 * unit * (0.5 + 0.5 * taper(len(lid))), np.minimum(subject.hair * 0.4, 70), 0.008 * unit, 0.95
    )
    canvas.stroke(lower, 0.022 * unit * taper(len(lower)), painter.shade(0.5), 0.01 * unit, 0.6)
    crease = upper + np.array([0, -0.055 + 0.03 * actions.lid_raise]) * unit
    canvas.stroke(crease, 0.03 * unit * taper(len(crease)), painter.shade(0.52), 0.012 * unit, 0.6)


def _iris(painter: Painter, center: np.ndarray, opening: tuple[tuple[slice, slice], np.ndarray]) -> None:
    """Paint iris, pupil, highlight and the shadow of the lid, clipped to the opening of the eye."""
    (rows, columns), coverage = opening
    radius = 0.095 * painter.unit * painter.subject.eye_size
    y, x = np.mgrid[rows, columns]
    x, y = x - center[0], y - center[1]
    distance = np.sqrt(x * x + y * y)
    eye = painter.canvas.planes[:, rows, columns]

    def blend(amount: np.ndarray, color: np.ndarray) -> None:
        eye[...] += (color[:, None, None] - eye) * (np.clip(amount, 0, 1) * coverage)

    blend(radius + 0.5 - distance, painter.subject.iris * 0.55)
    blend(0.78 * radius + 0.5 - distance, painter.subject.iris)
    blend(0.45 * radius + 0.5 - distance, PUPIL)
    blend(0.8 * (0.28 * radius + 0.5 - np.hypot(x - 0.35 * radius, y + 0.35 * radius)), np.full(3, 255.0))
    blend(0.35 * np.clip(-y / radius, 0, 1), PUPIL)


def brow(painter: Painter, part: slice) -> None:
    """Paint one brow; `part` selects its landmarks."""
    curve = smooth(painter.points(part))
    inner_to_outer = np.linspace(1, 0, len(curve)) if part == RIGHT_BROW else np.linspace(0, 1, len(curve))
    width = (
        painter.subject.brow_thickness * painter.unit * (0.35 + 0.9 * inner_to_outer) * (1.3 - inner_to_outer**6 * 0.5)
    )
    color = np.minimum(painter.subject.hair * 0.75, painter.subject.skin * 0.62)
    painter.canvas.stroke(curve, 1.15 * width, color, 0.022 * painter.unit, 0.9)


def glasses(painter: Painter) -> None:
    """Paint glasses if the subject wears them."""
    if not painter.subject.glasses:
        return
    frame = np.array([40.0, 36, 40])
    angle = np.linspace(0, 2 * np.pi, 25)
    rim = np.column_stack([0.27 * np.cos(angle), 0.21 * np.sin(angle)])
    for side in (-1, 1):
        flat = rim + np.array([side * painter.subject.eye_distance, 0.02])
        rim_curve = painter.project(on_surface(flat, 0.12))
        painter.canvas.stroke(rim_curve, 0.035 * painter.unit, frame, 0.006 * painter.unit)
        arm = [(side * (painter.subject.eye_distance + 0.27), 0.0), (side * painter.subject.face_width, -0.02)]
        painter.canvas.stroke(painter.project(on_surface(np.array(arm), 0.08)), 0.04 * painter.unit, frame)
    inner = painter.subject.eye_distance - 0.27
    bridge = painter.project(on_surface(np.array([(-inner, 0.0), (0, -0.03), (inner, 0.0)]), 0.15))
    painter.canvas.stroke(bridge, 0.035 * painter.unit, frame)
