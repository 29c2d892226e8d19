import numpy as np
import pytest

from fercli.datasets.synthetic.actions import Actions
from fercli.datasets.synthetic.anatomy import (
    INNER_LIPS,
    JAW,
    LEFT_BROW,
    LEFT_EYE,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    make_anatomy,
)
from fercli.datasets.synthetic.subject import make_subject

SUBJECT = make_subject(0, 0)
# The index that each landmark of iBUG's 68 has in a mirrored face.
MIRROR = np.concatenate(
    [
        np.arange(17)[::-1],
        np.arange(17, 27)[::-1],
        np.arange(27, 31),
        np.arange(31, 36)[::-1],
        (45, 44, 43, 42, 47, 46),
        (39, 38, 37, 36, 41, 40),
        (54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55),
        (64, 63, 62, 61, 60, 67, 66, 65),
    ]
)


def landmarks(**actions):
    return make_anatomy(SUBJECT, Actions(**actions)).landmarks


def moved(point, **actions):
    """How far an action moves a landmark: (right, down)."""
    return (landmarks(**actions) - landmarks())[point, :2]


@pytest.mark.parametrize("actions", [{}, {"corner_pull": 0.8, "mouth_open": 0.5}, {"brow_lower": 1.0}])
def test_a_face_without_asymmetry_is_its_own_mirror_image(actions):
    points = landmarks(**actions)
    np.testing.assert_allclose(points[MIRROR] * (-1, 1, 1), points, atol=1e-9)


def test_landmarks_are_in_the_ibug_order():
    x, y, _ = landmarks().T
    for part in (JAW, LEFT_BROW, RIGHT_BROW):
        assert (np.diff(x[part]) > 0).all()
    assert x[LEFT_EYE].mean() < 0 < x[RIGHT_EYE].mean()
    assert np.argmin(x[LEFT_EYE]) == 0
    assert np.argmin(x[RIGHT_EYE]) == 0
    assert np.argmax(y[JAW]) == 8
    assert np.argmax(y[OUTER_LIPS]) == 9
    assert (np.argmin(x[INNER_LIPS]), np.argmax(x[INNER_LIPS])) == (0, 4)
    assert y[19] < y[37] < y[41] < y[30] < y[33] < y[51] < y[57] < y[8]


@pytest.mark.parametrize(
    ("action", "point", "direction"),
    [
        ("inner_brow_raise", 21, (0, -1)),
        ("outer_brow_raise", 18, (0, -1)),
        ("brow_lower", 21, (1, 1)),
        ("lid_raise", 37, (0, -1)),
        ("lid_tighten", 41, (0, -1)),
        ("cheek_raise", 41, (0, -1)),
        ("nose_wrinkle", 30, (0, -1)),
        ("upper_lip_raise", 51, (0, -1)),
        ("corner_pull", 48, (-1, -1)),
        ("corner_depress", 48, (0, 1)),
        ("lip_stretch", 48, (-1, 1)),
        ("lip_press", 57, (0, -1)),
        ("mouth_open", 66, (0, 1)),
        ("eyes_closed", 37, (0, 1)),
    ],
)
def test_each_action_moves_its_landmark(action, point, direction):
    np.testing.assert_array_equal(np.sign(np.round(moved(point, **{action: 1.0}), 6)), direction)


def test_asymmetry_pulls_one_corner_only():
    assert moved(54, corner_pull=0.5, asymmetry=1.0)[1] < -0.1
    np.testing.assert_allclose(moved(48, corner_pull=0.5, asymmetry=1.0), 0, atol=1e-9)


def test_closed_eyes_leave_no_opening():
    points = landmarks(eyes_closed=1.0)
    opened = landmarks()
    assert np.abs(points[41, 1] - points[37, 1]) < 0.15 * np.abs(opened[41, 1] - opened[37, 1])
