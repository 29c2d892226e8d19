import numpy as np
import pytest

from fercli.datasets.synthetic.view import Pose, make_light, make_pose


def test_project_is_yaw_then_pitch_then_roll():
    pose = Pose(yaw=0.3, pitch=-0.2, roll=0.15, scale=0.2, shift_x=0.03, shift_y=-0.02)
    x, y, z = 0.4, -0.7, 0.5
    x, z = x * np.cos(0.3) + z * np.sin(0.3), z * np.cos(0.3) - x * np.sin(0.3)
    y = y * np.cos(-0.2) + z * np.sin(-0.2)
    x, y = x * np.cos(0.15) - y * np.sin(0.15), x * np.sin(0.15) + y * np.cos(0.15)
    expected = (100 * (0.2 * x + 0.53), 100 * (0.2 * y + 0.47))
    np.testing.assert_allclose(pose.project(np.array([(0.4, -0.7, 0.5)]), 100)[0], expected, rtol=1e-12)


@pytest.mark.parametrize(("angle", "axis"), [("yaw", 0), ("pitch", 1)])
def test_the_nose_points_to_the_right_and_down(angle, axis):
    nose = np.array([(0, 0, 1.0)])
    moved = Pose(**{angle: 0.3}).project(nose, 100) - Pose().project(nose, 100)
    assert moved[0, axis] > 5


def test_random_views_are_mostly_frontal():
    rng = np.random.default_rng(0)
    poses = [make_pose(rng) for _ in range(300)]
    assert np.abs([pose.yaw for pose in poses]).max() <= 0.5
    assert np.std([pose.yaw for pose in poses]) > np.radians(8)
    lights = [make_light(rng) for _ in range(300)]
    np.testing.assert_allclose([np.linalg.norm(light.direction) for light in lights], 1)
