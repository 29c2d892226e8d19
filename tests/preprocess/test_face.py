import numpy as np
import pytest

from fercli.preprocess.face import Absent, Face, Given, five_points
from fercli.records import Record

POINTS = np.arange(136, dtype=float).reshape(68, 2)


def test_five_points_of_68():
    expected = [POINTS[36:42].mean(0), POINTS[42:48].mean(0), POINTS[30], POINTS[48], POINTS[54]]
    np.testing.assert_array_equal(five_points(POINTS), expected)


def test_five_points_of_5_and_of_other_counts():
    np.testing.assert_array_equal(five_points(POINTS[:5]), POINTS[:5])
    assert five_points(POINTS[:21]) is None


def test_given_takes_the_box_and_the_points_of_the_record():
    both = Record("a", "train", "a.png", box=(1, 2, 30, 40), landmarks=POINTS)
    face = Given().find([np.zeros((9, 9))], [both])[0]
    assert face.box == (1, 2, 30, 40)
    np.testing.assert_array_equal(face.points, five_points(POINTS))


def test_given_boxes_landmarks_that_have_no_box_and_finds_nothing_without_either():
    landmarks, nothing = Record("a", "train", "a.png", landmarks=POINTS), Record("b", "train", "b.png")
    faces = Given().find([np.zeros((9, 9))] * 2, [landmarks, nothing])
    assert faces[0].box == (0, 1, 134, 135)
    assert faces[1] == Absent("no face given")


@pytest.mark.parametrize(
    ("box", "problem"),
    [
        ((100, 100, 200, 200), "face box beside the image"),
        ((-30, 2, -1, 20), "face box beside the image"),
        ((2, 24, 20, 40), "face box beside the image"),
        ((5, 5, 5, 20), "face box has no area"),
        ((20, 20, 5, 5), "face box has no area"),
        ((float("nan"), 2, 20, 20), "face box has no area"),
        ((0, 0, float("inf"), 20), "face box has no area"),
        ((-10, -10, 5, 5), None),
        ((31, 23, 60, 60), None),
        ((-5, -5, 90, 90), None),
    ],
)
def test_a_face_is_cut_out_only_where_its_box_shows_some_of_the_image(box, problem):
    assert Face(box).problem(height=24, width=32) == problem


def test_landmarks_beside_the_image_are_a_problem_too():
    face = Face((2, 2, 20, 20), points=np.full((5, 2), 90.0) + np.arange(5)[:, None])
    assert face.problem(height=24, width=32) == "landmarks beside the image"
