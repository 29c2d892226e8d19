"""Stills with a chosen subject, expression and scene."""

from dataclasses import dataclass

import numpy as np

from fercli.datasets.synthetic.actions import make_actions
from fercli.datasets.synthetic.canvas import Canvas
from fercli.datasets.synthetic.faces import draw, draw_intensity
from fercli.datasets.synthetic.scene import paint_scene
from fercli.datasets.synthetic.subject import Subject
from fercli.datasets.synthetic.view import Pose, make_light, make_pose

BACKDROP_RADIUS = 2.7  # half face widths: large enough to contain the corners of an aligned crop


@dataclass(frozen=True)
class Portrait:
    """One drawn still: image (size, size, 3) uint8 RGB and landmarks (68, 2) in pixels."""

    image: np.ndarray
    landmarks: np.ndarray


def portrait(subject: Subject, expression: str, scene: str, size: int, rng: np.random.Generator) -> Portrait:
    """Draw a face that fills about half of the image, in front of a scene."""
    pose = make_pose(rng)
    return _portrait(paint_scene(scene, size, rng), subject, expression, pose, size, rng)


def portrait_in_scene(subject: Subject, expression: str, scene: str, size: int, rng: np.random.Generator) -> Portrait:
    """Draw a smaller face in front of a disc of random color, with the scene around the disc.

    A crop of the face shows nothing of the scene. So a model of the crop can learn from the face only.
    """
    turned = make_pose(rng)
    shift_x, shift_y = rng.uniform((-0.12, -0.06), (0.12, 0.03))
    pose = Pose(turned.yaw, turned.pitch, turned.roll, float(rng.uniform(0.13, 0.15)), float(shift_x), float(shift_y))
    canvas = paint_scene(scene, size, rng)
    angles = np.linspace(0, 2 * np.pi, 49)[:-1]
    middle = pose.project(np.zeros((1, 3)), size)
    circle = middle + BACKDROP_RADIUS * pose.scale * size * np.column_stack([np.cos(angles), np.sin(angles)])
    canvas.fill(circle, rng.uniform(60, 220, 3), 0.004 * size)
    return _portrait(canvas, subject, expression, pose, size, rng)


def _portrait(
    canvas: Canvas, subject: Subject, expression: str, pose: Pose, size: int, rng: np.random.Generator
) -> Portrait:
    actions = make_actions(expression, draw_intensity(expression, rng), rng)
    image, landmarks, _ = draw(canvas, subject, actions, pose, make_light(rng), rng)
    return Portrait(image, landmarks)
