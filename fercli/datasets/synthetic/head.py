"""A head painted on a canvas, part by part from back to front."""

from fercli.datasets.synthetic.actions import Actions
from fercli.datasets.synthetic.anatomy import LEFT_BROW, LEFT_EYE, RIGHT_BROW, RIGHT_EYE, Anatomy
from fercli.datasets.synthetic.canvas import Canvas
from fercli.datasets.synthetic.eyes import brow, eye, glasses
from fercli.datasets.synthetic.hair import back_hair, beard, ears, front_hair
from fercli.datasets.synthetic.mouth import mouth
from fercli.datasets.synthetic.nose import nose
from fercli.datasets.synthetic.painter import Painter
from fercli.datasets.synthetic.skin import folds, lighting, shoulders, skin
from fercli.datasets.synthetic.subject import Subject
from fercli.datasets.synthetic.view import Light, Pose


def paint_head(
    canvas: Canvas, subject: Subject, actions: Actions, anatomy: Anatomy, pose: Pose, light: Light, size: int
) -> None:
    """Paint a head with neck and shoulders over the content of the canvas."""
    painter = Painter(canvas, subject, actions, anatomy, lambda points: pose.project(points, size), pose.scale * size)
    shoulders(painter)
    back_hair(painter)
    ears(painter)
    skin(painter)
    folds(painter)
    for eye_part, brow_part in ((LEFT_EYE, LEFT_BROW), (RIGHT_EYE, RIGHT_BROW)):
        eye(painter, eye_part)
        brow(painter, brow_part)
    nose(painter)
    beard(painter)
    mouth(painter)
    lighting(painter, pose, light)
    front_hair(painter)
    glasses(painter)
