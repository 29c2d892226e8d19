import numpy as np
import pytest

from fercli.inference.motion import ACCELERATION, COAST, FIRST_SPEED, NOISE, Motion, Place


def test_the_filter_is_that_of_kalman_in_one_coordinate():
    """x of three sightings, against the equations written out for a side of 1."""
    times, found = [0.0, 0.1, 0.3], [5.0, 5.6, 6.5]
    motion = Motion(Place(found[0], 0.0, 1.0), times[0])
    position, velocity = found[0], 0.0
    a, b, c = NOISE**2, 0.0, FIRST_SPEED**2
    for before, now, x in zip(times, times[1:], found[1:], strict=False):
        motion.update(Place(x, 0.0, 1.0), now)
        t = now - before
        keep = np.exp(-t / COAST)
        reach = COAST * (1 - keep)
        position, velocity = position + reach * velocity, keep * velocity
        a, b, c = a + 2 * reach * b + reach**2 * c, keep * (b + reach * c), keep**2 * c
        a, b, c = a + ACCELERATION**2 * t**4 / 4, b + ACCELERATION**2 * t**3 / 2, c + ACCELERATION**2 * t**2
        first, second = a / (a + NOISE**2), b / (a + NOISE**2)
        position, velocity = position + first * (x - position), velocity + second * (x - position)
        a, b, c = a - first * a, b - first * b, c - second * b
    np.testing.assert_allclose(motion.state[:, 0], [position, velocity], rtol=1e-9)
    np.testing.assert_allclose(motion.covariance, [[a, b], [b, c]], rtol=1e-9)


def test_an_unseen_face_slows_down_and_becomes_uncertain():
    motion = Motion(Place(0.0, 0.0, 20.0), 0.0)
    for i in range(1, 20):
        motion.update(Place(4.0 * i, 0.0, 20.0), i / 10)
    near, spread = motion.expected(2.0)
    far, wider = motion.expected(12.0)
    assert near.x == pytest.approx(80, abs=1.5)
    assert far.x < near.x + 40 * COAST + 1
    assert wider > spread
