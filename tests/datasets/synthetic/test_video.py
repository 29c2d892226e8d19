import numpy as np
import pytest

from fercli.datasets.synthetic.subject import make_subject
from fercli.datasets.synthetic.video import action_tracks, movement, render_video
from fercli.errors import ConfigError

SUBJECT = make_subject(0, 1)


def test_frames():
    frames = list(render_video(SUBJECT, 20, num_frames=6, fps=5, seed=3, size=64))
    assert [frame.time for frame in frames] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    for frame in frames:
        assert frame.image.shape == (64, 64, 3)
        assert frame.image.dtype == np.uint8
        assert frame.landmarks.shape == (68, 2)
    again = list(render_video(SUBJECT, 20, num_frames=6, fps=5, seed=3, size=64))
    np.testing.assert_array_equal([frame.image for frame in frames], [frame.image for frame in again])
    assert (np.ptp([frame.landmarks for frame in frames], axis=0) > 0).any()


def tracks(score, name, clips=12):
    rng = np.random.default_rng(0)
    return np.array([[getattr(frame, name) for frame in action_tracks(score, 150, 25, rng)] for _ in range(clips)])


@pytest.mark.parametrize(
    ("name", "grows"),
    [
        ("gaze_y", True),
        ("inner_brow_raise", True),
        ("corner_depress", True),
        ("corner_pull", False),
        ("mouth_open", False),
    ],
)
def test_severity_shows_in_the_mean(name, grows):
    means = [tracks(score, name).mean() for score in (0, 30, 63)]
    assert means == sorted(means, reverse=not grows)
    assert max(means) > 1.5 * min(means)


def test_severity_slows_movement():
    speeds = [np.abs(np.diff(tracks(score, "gaze_x"), axis=1)).mean() for score in (0, 30, 63)]
    assert speeds[0] > 1.5 * speeds[1] > 2 * speeds[2]


def test_movement_has_unit_variance():
    drawn = movement(400, 200, 25, 0.4, np.random.default_rng(0))
    assert drawn.shape == (400, 200)
    assert drawn[:, 50:150].std() == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize(
    ("score", "num_frames", "fps", "message"),
    [(64, 5, 25, "from 0 to 63; found 64"), (-1, 5, 25, "found -1"), (5, 0, 25, "0 frames"), (5, 5, 0, "at 0 fps")],
)
def test_wrong_options_are_refused_at_once(score, num_frames, fps, message):
    with pytest.raises(ConfigError, match=message):
        render_video(SUBJECT, score, num_frames, fps)
