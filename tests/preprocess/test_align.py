import numpy as np
import pytest

from fercli.preprocess.align import eye_template, similarity, template, transform

POINTS = np.array([[10.0, 12.0], [31.0, 9.0], [22.0, 20.0], [14.0, 33.0], [30.0, 31.0]])


def matrix(angle, scale, shift):
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    return np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]]])


@pytest.mark.parametrize("angle", [0.0, 0.3, -1.2, np.pi, 3.0])
@pytest.mark.parametrize("scale", [0.1, 1.0, 7.5])
def test_recovers_an_exact_similarity(angle, scale):
    wanted = matrix(angle, scale, (5.0, -40.0))
    np.testing.assert_allclose(similarity(POINTS, transform(POINTS, wanted)), wanted, rtol=1e-9, atol=1e-9)


def test_is_the_least_squares_solution():
    # With rotation and scale as a = c cos, b = c sin the problem is linear: solve it so, and compare.
    target = POINTS @ np.array([[0.7, 0.2], [-0.4, 0.9]]) + np.random.default_rng(0).normal(size=POINTS.shape)
    system, values = [], []
    for (x, y), (u, v) in zip(POINTS, target, strict=True):
        system += [[x, -y, 1, 0], [y, x, 0, 1]]
        values += [u, v]
    a, b, s, t = np.linalg.lstsq(np.array(system), np.array(values), rcond=None)[0]
    np.testing.assert_allclose(similarity(POINTS, target), [[a, -b, s], [b, a, t]], rtol=1e-9)


def test_never_mirrors():
    mirrored = POINTS * [-1, 1]
    assert np.linalg.det(similarity(POINTS, mirrored)[:, :2]) > 0


def test_refuses_points_that_coincide():
    with pytest.raises(ValueError, match="coincide"):
        similarity(np.full((5, 2), 3.0), POINTS)


def test_template_is_symmetric_and_its_margin_shrinks_the_face():
    tight, wide = template(100, 0.0), template(100, 0.5)
    np.testing.assert_allclose(tight[[0, 3], 0] + tight[[1, 4], 0], 99)  # mirror images about the center
    eyes = [points[1, 0] - points[0, 0] for points in (tight, wide)]
    assert eyes[0] == pytest.approx(2 * eyes[1])
    np.testing.assert_allclose(wide - 49.5, (tight - 49.5) / 2)


def test_two_eyes_give_the_angle_and_the_scale_of_the_equations():
    eyes = np.array([[30.0, 50.0], [70.0, 60.0]])
    level = np.array([[30.0, 55.0], [70.0, 55.0]])  # 40 pixels apart, about the same midpoint
    matrix = similarity(eyes, level)
    assert np.rad2deg(np.arctan2(-matrix[1, 0], matrix[0, 0])) == pytest.approx(14.0362434679, abs=1e-9)
    assert np.linalg.norm(eyes[1] - eyes[0]) == pytest.approx(41.2310562562, abs=1e-9)
    assert np.sqrt(np.linalg.det(matrix[:, :2])) == pytest.approx(0.9701425001, abs=1e-9)
    np.testing.assert_allclose(transform(eyes, matrix), level, atol=1e-9)
    np.testing.assert_allclose(similarity(level, level), np.eye(2, 3), atol=1e-9)


def test_eyes_one_above_the_other_divide_nothing_by_zero():
    eyes = np.array([[9.0, 5.0], [9.0, 25.0]])
    level = eye_template(64, 0.35, 0.4)
    np.testing.assert_allclose(transform(eyes, similarity(eyes, level)), level, atol=1e-9)


def test_the_eye_template_is_level_centered_and_as_far_apart_as_asked():
    left, right = eye_template(200, 0.35, 0.4)
    assert left[1] == right[1] == pytest.approx(0.4 * 200 - 0.5)
    assert right[0] - left[0] == pytest.approx(70)
    assert left[0] + right[0] == pytest.approx(199)
