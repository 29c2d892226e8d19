import numpy as np
import pytest

from fercli.ops.motion import MIRRORED_68
from fercli.ops.template import template_landmarks
from fercli.preprocess.align import template
from fercli.preprocess.face import five_points


@pytest.mark.parametrize(("size", "margin"), [(224, 0.1), (64, 0.0), (112, 0.3)])
def test_eyes_nose_and_mouth_lie_where_the_alignment_puts_them(size, margin):
    found = five_points(template_landmarks(size, margin))
    np.testing.assert_allclose(found, template(size, margin), atol=1e-9)


def test_the_face_is_symmetric():
    landmarks = template_landmarks(224, 0.1)
    np.testing.assert_allclose(landmarks[[*MIRRORED_68]], landmarks * (-1, 1) + (223, 0), atol=1e-9)


def test_all_points_are_distinct_and_in_a_crop_with_the_usual_margin():
    landmarks = template_landmarks(224, 0.1)
    assert landmarks.shape == (68, 2)
    assert (landmarks > 0).all()
    assert (landmarks < 223).all()
    assert len(np.unique(landmarks.round(6), axis=0)) == 68


def test_parts_lie_in_the_order_of_a_face():
    y = template_landmarks(224, 0.1)[:, 1]
    brows, eyes, nostrils, mouth, chin = y[17:27], y[36:48], y[31:36], y[48:68], y[8]
    assert brows.max() < eyes.min() < eyes.max() < nostrils.min() < nostrils.max() < mouth.min()
    assert mouth.max() < chin == y.max()
