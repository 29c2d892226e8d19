"""Where the parts of a head lie: 68 landmarks in the iBUG order, and outlines, moved by actions.

Coordinates are x to the right of the image, y down and z to the viewer. The unit is half a face width, and the origin
lies between the eyes.
"""

from dataclasses import dataclass

import numpy as np

from fercli.datasets.synthetic.actions import Actions
from fercli.datasets.synthetic.subject import Subject

JAW, LEFT_BROW, RIGHT_BROW = slice(0, 17), slice(17, 22), slice(22, 27)
BRIDGE, NOSTRILS, LEFT_EYE, RIGHT_EYE = slice(27, 31), slice(31, 36), slice(36, 42), slice(42, 48)
OUTER_LIPS, INNER_LIPS = slice(48, 60), slice(60, 68)
SKULL_TOP = -1.12


@dataclass(frozen=True)
class Anatomy:
    """Points of one head: `landmarks` (68, 3), and `forehead` (13, 3) from the right temple over the top."""

    landmarks: np.ndarray
    forehead: np.ndarray

    @property
    def outline(self) -> np.ndarray:
        """Closed outline of the face, jaw first."""
        return np.concatenate([self.landmarks[JAW], self.forehead[1:-1]])


def on_surface(flat: np.ndarray, raised: np.ndarray | float = 0.0) -> np.ndarray:
    """Project (..., 2) points onto the front of the head, an ellipsoid: (..., 3); `raised` is added to their z."""
    x, y = flat[..., 0], flat[..., 1]
    points = np.empty((*flat.shape[:-1], 3))
    points[..., :2] = flat
    points[..., 2] = 0.85 * np.sqrt(np.maximum(1 - (x / 1.05) ** 2 - ((y - 0.05) / 1.4) ** 2, 0)) + raised
    return points


def mirrored(right: np.ndarray) -> np.ndarray:
    """Mirror points of the right side to the left side, and reverse them: their order is from left to right."""
    return (right * (-1, 1))[::-1]


def _jaw(subject: Subject, actions: Actions) -> np.ndarray:
    angle = np.linspace(np.pi, 0, 17)
    cos, sin = np.cos(angle), np.sin(angle)
    exponent = subject.jaw_roundness
    x = subject.face_width * np.sign(cos) * np.abs(cos) ** exponent
    y = -0.05 + (subject.chin + 0.05) * sin**exponent
    y += 0.22 * actions.mouth_open * sin**4
    return np.column_stack([x, y, np.zeros(17)])


def _brow(subject: Subject, actions: Actions) -> np.ndarray:
    t = np.linspace(0, 1, 5)
    x = 0.17 + 0.57 * t - 0.06 * actions.brow_lower * (1 - t)
    y = -subject.brow_height - 0.07 * np.sin(np.pi * np.clip(t * 0.95 + 0.05, 0, 1)) + 0.03 * t
    y += subject.brow_tilt * (1 - t) - 0.5 * subject.brow_tilt * t
    y -= 0.17 * actions.inner_brow_raise * (1 - t) ** 1.3
    y -= 0.18 * actions.outer_brow_raise * np.sin(np.pi * np.clip(0.25 + 0.6 * t, 0, 1))
    y += 0.15 * actions.brow_lower * (1 - t) + 0.03 * actions.brow_lower
    y += (0.07 * (1 - t) + 0.03) * actions.nose_wrinkle + 0.02 * actions.cheek_raise
    return np.column_stack([x, y])


def _eye(subject: Subject, actions: Actions) -> np.ndarray:
    half = 0.205 * subject.eye_size
    upper = 0.095 * (1 + 0.7 * actions.lid_raise - 0.25 * actions.lid_tighten - 0.2 * actions.cheek_raise)
    lower = 0.058 * (1 + 0.35 * actions.lid_raise - 0.6 * actions.lid_tighten - 0.75 * actions.cheek_raise)
    lower -= 0.015 * actions.nose_wrinkle
    upper += (-lower + 0.006 - upper) * actions.eyes_closed
    upper, lower = upper * subject.eye_size, lower * subject.eye_size
    flat = np.array(
        [
            (-half, 0.012),
            (-0.4 * half, -upper),
            (0.4 * half, -upper),
            (half, -subject.eye_tilt),
            (0.4 * half, lower),
            (-0.4 * half, lower),
        ]
    )
    return flat + np.array([subject.eye_distance, 0])


def _nose(subject: Subject, actions: Actions) -> tuple[np.ndarray, np.ndarray]:
    tip = subject.nose_length - 0.06 * actions.nose_wrinkle
    bridge = np.column_stack([np.zeros(4), np.linspace(-0.03, tip, 4)])
    width = subject.nose_width * (1 + 0.18 * actions.nose_wrinkle + 0.06 * actions.corner_pull)
    lift = 0.03 * actions.nose_wrinkle
    across = np.array([-1, -0.5, 0, 0.5, 1])
    nostrils = np.column_stack([across * width, tip + np.array([0.075, 0.105, 0.12, 0.105, 0.075]) - lift])
    return (
        on_surface(bridge, raised=np.array([0.02, 0.1, 0.2, 0.3])),
        on_surface(nostrils, raised=np.array([0.08, 0.14, 0.18, 0.14, 0.08])),
    )


def _mouth(subject: Subject, actions: Actions) -> np.ndarray:
    """Return the 20 points of outer and inner lips."""
    middle, opening = subject.mouth_height, actions.mouth_open
    thin = (1 - 0.75 * actions.lip_press) * (1 - 0.25 * actions.corner_pull) * subject.lip_fullness
    corner = np.zeros((2, 2))
    for row, side in enumerate((-1, 1)):
        share = np.clip(1 + side * actions.asymmetry, 0, 1.9)
        pull = actions.corner_pull * share
        narrow = 0.30 * opening * (1 - actions.lip_stretch) * (1 - np.clip(pull, 0, 1)) * subject.mouth_width
        corner[row, 0] = subject.mouth_width + 0.11 * pull + 0.10 * actions.lip_stretch - narrow
        corner[row, 1] = subject.mouth_tilt - 0.16 * pull + 0.15 * actions.corner_depress
        corner[row, 1] += 0.09 * opening + 0.03 * actions.lip_stretch
    smile = actions.corner_pull * (1 - 0.5 * abs(actions.asymmetry))
    sneer = actions.upper_lip_raise
    inner_top = -0.07 * sneer - 0.05 * opening - 0.015 * smile - 0.02 * actions.corner_depress
    inner_bottom = 0.38 * opening + 0.03 * smile - 0.01 * sneer
    outer_top = inner_top - (0.085 - 0.02 * sneer) * thin
    outer_bottom = inner_bottom + 0.115 * thin

    def line(across: np.ndarray, center_y: float, drop: np.ndarray | float = 0.0, power: float = 2.0) -> np.ndarray:
        """Return points on a curve from corner to corner through `center_y`; `across` is -1 and 1 at the corners."""
        side = (across > 0).astype(int)
        weight = 1 - np.abs(across) ** power
        y = center_y * weight + corner[side, 1] * (1 - weight) + drop
        return np.column_stack([across * corner[side, 0], middle + y])

    bow = np.array([0.0, 0.012, -0.008, 0.02, -0.008, 0.012, 0.0])
    top = line(np.array([-1, -0.62, -0.26, 0, 0.26, 0.62, 1]), outer_top, bow, 1.8)
    bottom = line(np.array([0.64, 0.32, 0, -0.32, -0.64]), outer_bottom, 0.0, 2.6)
    inner_upper = line(np.array([-0.9, -0.42, 0, 0.42, 0.9]), inner_top)
    inner_lower = line(np.array([0.42, 0, -0.42]), inner_bottom)
    return np.concatenate([top, bottom, inner_upper, inner_lower])


def make_anatomy(subject: Subject, actions: Actions) -> Anatomy:
    """Compute the points of the head of a subject who performs some actions."""
    brow, eye = _brow(subject, actions), _eye(subject, actions)
    left_eye = (eye * (-1, 1))[[3, 2, 1, 0, 5, 4]]
    bridge, nostrils = _nose(subject, actions)
    landmarks = np.concatenate(
        [
            _jaw(subject, actions),
            on_surface(mirrored(brow), raised=0.04),
            on_surface(brow, raised=0.04),
            bridge,
            nostrils,
            on_surface(left_eye, raised=-0.03),
            on_surface(eye, raised=-0.03),
            on_surface(_mouth(subject, actions), raised=0.08),
        ]
    )
    angle = np.linspace(0, np.pi, 13)
    forehead = np.column_stack(
        [
            subject.face_width * np.cos(angle),
            -0.05 + (SKULL_TOP + 0.05) * np.sin(angle) ** 0.85,
            np.zeros(13),
        ]
    )
    return Anatomy(landmarks, forehead)
