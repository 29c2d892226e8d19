import numpy as np
import pytest

from fercli.inference.frames import Still
from fercli.inference.stream import FacePrediction
from fercli.inference.strip import MOST_MOMENTS, WIDTH, Moment, Strip
from fercli.preprocess.face import Face

FACE = Face((20.0, 20.0, 60.0, 60.0))


def frame(i, found=True):
    image = np.full((90, 160, 3), 10, np.uint8)
    image[20:60, 20:60] = 200
    said = ({"predicted": "fear", "prob_fear": 0.75}, {}) if found else ()
    return FacePrediction(Still(image, i, i / 10), 0, FACE if found else None, said)


@pytest.mark.parametrize("num_frames", [1, 5, 8, 16, 17, 40, 1000])
def test_moments_cover_a_video_evenly_in_constant_memory(num_frames):
    strip = Strip()
    for i in range(num_frames):
        strip.add(frame(i))
        assert len(strip.thinned.values) <= 2 * MOST_MOMENTS
    times = [moment.time for moment in strip.moments()]
    assert len(times) == min(MOST_MOMENTS, num_frames)
    assert times[0] == 0
    assert times[-1] >= 0.8 * (num_frames - 1) / 10
    steps = np.diff(times)
    assert (steps > 0).all()
    assert not len(steps) or steps.max() <= 2 * steps.min() + 1e-9


def test_a_moment_has_the_picture_the_face_and_what_each_run_says():
    strip = Strip()
    strip.add(frame(0))
    (moment,) = strip.moments()
    assert moment.picture.shape == (180, WIDTH, 3)
    assert moment.face.shape == (160, 160, 3)
    assert moment.face[80, 80].tolist() == [200] * 3  # inside the face
    assert moment.face[0, 0].tolist() == [10] * 3  # its margin
    assert moment.said == (["fear 75%"], [])


def test_a_moment_without_a_face_says_nothing():
    strip = Strip()
    strip.add(frame(0, found=False))
    (moment,) = strip.moments()
    assert moment.face is None
    assert moment.said == ()


def test_a_moment_without_a_face_has_what_a_run_says_of_the_middle():
    predicted = FacePrediction(frame(0).still, 0, None, ({}, {"predicted_score": 12.25}))
    moment = Moment.of(predicted)
    assert moment.face is None
    assert moment.said == ([], ["score 12.2"])
