"""Neck and shoulders, the skin of the face, its folds from actions and age, and the light on it."""

import numpy as np

from fercli.datasets.synthetic.anatomy import on_surface
from fercli.datasets.synthetic.painter import Painter
from fercli.datasets.synthetic.view import Light, Pose


def shoulders(painter: Painter) -> None:
    """Paint neck and clothes, with the shadow of the chin."""
    width, chin = painter.subject.face_width, painter.subject.chin
    half = [(0.52 * width, 0.7), (0.55 * width, chin + 0.25), (1.1, chin + 0.5), (1.75, chin + 0.75), (2.0, 4.0)]
    body = painter.plane(half + [(-x, y) for x, y in reversed(half)], -0.5)
    neck = painter.plane([(0.52, 0.6), (0.54, chin + 0.35), (0, chin + 0.62), (-0.54, chin + 0.35), (-0.52, 0.6)], -0.4)
    painter.canvas.fill(body, painter.subject.clothes, 0.02 * painter.unit)
    painter.canvas.fill(neck, painter.shade(0.80), 0.03 * painter.unit)
    shadow = painter.plane([(-0.6, chin - 0.3), (0.6, chin - 0.3), (0.45, chin + 0.2), (-0.45, chin + 0.2)], -0.3)
    painter.canvas.fill(shadow, painter.shade(0.55), 0.1 * painter.unit, 0.7)


def skin(painter: Painter) -> None:
    """Paint the skin of the face, with cheeks, eye sockets and chin."""
    canvas, unit, subject = painter.canvas, painter.unit, painter.subject
    canvas.fill(painter.project(painter.anatomy.outline), painter.shade(1.0), 0.012 * unit)
    lift = -0.06 * painter.actions.cheek_raise
    cheek = [(0.34, 0.30 + lift), (0.62, 0.22 + lift), (0.78, 0.42 + lift), (0.6, 0.62 + lift), (0.36, 0.52 + lift)]
    canvas.fill(painter.both(cheek), painter.shade(1.0, 26), 0.1 * unit, 0.35 + 0.25 * painter.actions.cheek_raise)
    socket = [(0.16, -0.2), (0.7, -0.2), (0.72, 0.04), (0.44, 0.13), (0.16, 0.06)]
    canvas.fill(painter.both(socket), painter.shade(0.72), 0.07 * unit, 0.55)
    chin = np.array([(-0.18, subject.chin - 0.24), (0.18, subject.chin - 0.24), (0, subject.chin - 0.08)])
    canvas.fill(painter.project(on_surface(chin)), painter.shade(1.08), 0.08 * unit, 0.5)


def folds(painter: Painter) -> None:
    """Paint the folds of forehead, brow, nose, eyes and mouth that come from actions or from age."""
    old = float(np.clip((painter.subject.age - 35) / 45, 0, 1))
    _forehead(painter, old)
    _around_eyes(painter, old)
    _around_mouth(painter, old)


def _forehead(painter: Painter, old: float) -> None:
    actions, brow = painter.actions, -painter.subject.brow_height
    raised = max(actions.outer_brow_raise, 0.7 * actions.inner_brow_raise)
    half = 0.5 if actions.outer_brow_raise > 0.4 * raised else 0.3
    for step, y in enumerate((brow - 0.24, brow - 0.36, brow - 0.47)):
        line = [(-half, y + 0.02), (0, y - 0.02), (half, y + 0.02)]
        painter.fold(line, width=0.035, opacity=0.55 * max(raised - 0.12 * step, 0.45 * old))
    frown = [(0.07, brow - 0.12), (0.055, brow + 0.02), (0.08, brow + 0.14)]
    painter.folds(frown, width=0.045, opacity=0.85 * max(actions.brow_lower, 0.25 * old))


def _around_eyes(painter: Painter, old: float) -> None:
    actions, eye = painter.actions, painter.subject.eye_distance
    across_nose = [[(0.03, y), (0.10, y + 0.02), (0.15, y + 0.07)] for y in (0.04, 0.11, 0.18)]
    painter.folds(*across_nose, width=0.035, opacity=0.8 * actions.nose_wrinkle)
    outer = eye + 0.25
    crow_feet = [[(outer, 0.5 * dy), (outer + 0.07, dy), (outer + 0.13, 1.6 * dy)] for dy in (-0.06, 0.0, 0.06)]
    painter.folds(*crow_feet, width=0.025, opacity=0.6 * max(actions.cheek_raise, 0.6 * old))
    bag = [(eye - 0.16, 0.1), (eye, 0.15), (eye + 0.19, 0.1)]
    painter.folds(bag, width=0.035, opacity=0.5 * max(0.75 * actions.cheek_raise, 0.5 * actions.lid_tighten, 0.8 * old))


def _around_mouth(painter: Painter, old: float) -> None:
    actions, subject = painter.actions, painter.subject
    mouth, corner = subject.mouth_height, subject.mouth_width + 0.14 + 0.08 * actions.corner_pull
    nostril = subject.nose_width + 0.05
    nasolabial = [
        (nostril, subject.nose_length),
        (0.5 * (nostril + corner) + 0.05, mouth - 0.2),
        (corner, mouth - 0.02),
    ]
    smile = actions.corner_pull * (1 - 0.6 * abs(actions.asymmetry))
    painter.folds(nasolabial, width=0.05, opacity=0.6 * max(smile, 0.9 * actions.upper_lip_raise, 0.5 * old))
    side = subject.mouth_width + 0.05
    marionette = [(side, mouth + 0.12), (side + 0.03, mouth + 0.22), (side, mouth + 0.3)]
    painter.folds(marionette, width=0.04, opacity=0.6 * max(actions.corner_depress, 0.4 * old))


def lighting(painter: Painter, pose: Pose, light: Light) -> None:
    """Shade the face as an ellipsoid under the lamp."""
    found = painter.canvas.mask(painter.project(painter.anatomy.outline), 0.01 * painter.unit)
    if found is None:
        return
    (rows, columns), coverage = found
    center = painter.project(np.array([(0.0, 0.1, 0.0)]))[0]
    y, x = np.mgrid[rows, columns].astype(np.float32)
    x, y = (x - center[0]) / painter.unit, (y - center[1]) / painter.unit
    cos, sin = np.float32(np.cos(pose.roll)), np.float32(np.sin(pose.roll))
    across = (x * cos + y * sin) / np.float32(1.08 * painter.subject.face_width)
    along = (y * cos - x * sin) / np.float32(1.4)
    depth = np.sqrt(np.clip(1 - across**2 - along**2, 0.02, None))
    toward = across * light.direction[0] + along * light.direction[1] + depth * light.direction[2]
    factor = 1 + np.float32(light.contrast) * (np.clip(toward, -0.3, 1) - np.float32(0.75)) * 1.3
    painter.canvas.planes[:, rows, columns] *= 1 + (factor - 1) * coverage
