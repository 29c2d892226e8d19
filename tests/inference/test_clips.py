from dataclasses import replace

import numpy as np
import pytest

from fercli.datasets.video import FrameSampling
from fercli.inference.appearance import EdgesAndColors
from fercli.inference.frames import Still
from fercli.inference.stream import predict_stream
from fercli.inference.tracker import Tracker


class CountsFrames:
    """A model of clips of three frames, every second frame, that says how bright their first pixels are."""

    clip = (3, 2)
    context = None

    def __init__(self, predicts_middle=False, **sampling):
        self.predicts_middle = predicts_middle
        self.sampling = FrameSampling(**(sampling or {"frame_stride": 1}))

    def frame_step(self, rate):
        return self.sampling.step(rate)

    def pixels(self, image, face):
        return image[:1, :1]

    def predict_crops(self, crops, scenes):
        assert scenes is None
        return [{"seen": clip[:, 0, 0, 0].tolist()} for clip in crops]


class BrightSquares:
    """Finds a face in the left half of a picture that is bright there, and one in the right half."""

    batch_size = 5

    def detect(self, images):
        from fercli.preprocess.face import Face

        left, right = Face((0.0, 0.0, 20.0, 20.0)), Face((60.0, 0.0, 80.0, 20.0))
        return [[face for face, x in ((left, 5), (right, 65)) if image[5, x, 0]] for image in images]


TEXTURE = np.random.default_rng(0).integers(40, 80, (19, 40, 3), dtype=np.uint8)


def film(*sides):
    """Frames of brightness 1, 2, 3, ... with a face on the `left`, on the `right` or on neither side."""
    stills = []
    for i, side in enumerate(sides):
        image = np.zeros((20, 80, 3), np.uint8)
        image[:1, :1] = i + 1
        if side is not None:
            image[1:, slice(0, 40) if side == "left" else slice(40, 80)] = TEXTURE
        stills.append(Still(image, i, i / 10))
    return stills


def said(stills, model, all_faces=False):
    found = predict_stream(stills, [model], BrightSquares(), Tracker(EdgesAndColors()), all_faces, rate=10)
    return [predicted.outputs.get("seen") for faces in found for predicted in faces]


def test_a_model_of_clips_speaks_once_a_clip_is_complete_and_holds_what_it_said():
    answers = said(film(*["left"] * 7), CountsFrames())
    assert answers == [None, None, [1, 2, 3], [1, 2, 3], [3, 4, 5], [3, 4, 5], [5, 6, 7]]


@pytest.mark.parametrize("sampling", [{"frame_stride": 2}, {"frames_per_second": 5}])
def test_frames_are_as_far_apart_as_in_training(sampling):
    answers = said(film(*["left"] * 9), CountsFrames(**sampling))
    assert answers == [None] * 4 + [[1, 3, 5]] * 4 + [[5, 7, 9]]


def test_another_person_starts_a_clip_of_their_own():
    answers = said(film(*["left"] * 3, *[None] * 12, *["right"] * 3), CountsFrames())
    assert answers == [None, None, [1, 2, 3], *[None] * 12, None, None, [16, 17, 18]]


def test_a_clip_goes_on_through_frames_without_a_face_where_it_was_trained_so():
    stills = film("left", None, "left", None, None, "left")
    assert said(stills, CountsFrames(predicts_middle=True)) == [None, None, [1, 2, 3], [1, 2, 3], [3, 4, 5], [3, 4, 5]]
    assert said(stills, CountsFrames()) == [None] * 5 + [[1, 3, 6]]


def test_a_clip_of_frames_without_a_face_ends_with_the_next_person():
    answers = said(film(*[None] * 4, *["left"] * 3), CountsFrames(predicts_middle=True))
    assert answers == [None, None, [1, 2, 3], [1, 2, 3], None, None, [5, 6, 7]]


def test_everybody_has_clips_of_their_own():
    """Two people, one on each side, in turns: each clip has frames of one of them."""
    answers = said(film(*["left", "right"] * 5), CountsFrames(), all_faces=True)
    assert answers[4:6] == [[1, 3, 5], [2, 4, 6]]
    assert answers[8:] == [[5, 7, 9], [6, 8, 10]]


def test_faces_of_images_make_no_clip():
    found = predict_stream(film(*["left"] * 4), [CountsFrames()], BrightSquares())
    assert [predicted.outputs for (predicted,) in found] == [{}] * 4


class SeesScenes(CountsFrames):
    """One that reads the scene of each frame, and says how bright its last pixels are."""

    context = True

    def scene(self, image, face):
        return image[-1:, -1:]

    def predict_crops(self, crops, scenes):
        return [
            {"seen": clip[:, 0, 0, 0].tolist(), "scenes": scene[:, 0, 0, 0].tolist()}
            for clip, scene in zip(crops, scenes, strict=True)
        ]


def test_a_clip_has_the_scenes_of_its_frames():
    stills = film(*["left"] * 5)
    for i, still in enumerate(stills):
        still.image[-1, -1] = 10 + i
    found = list(predict_stream(stills, [SeesScenes()], BrightSquares(), Tracker(EdgesAndColors()), False, rate=10))
    outputs = [faces[0].outputs for faces in found]
    assert [said.get("scenes") for said in outputs] == [None, None, [10, 11, 12], [10, 11, 12], [12, 13, 14]]
    assert outputs[-1]["seen"] == [3, 4, 5]


def test_frames_of_a_clip_are_as_far_apart_in_seconds_where_the_rate_changes():
    """Every 0.2 s, at 10 frames a second as in training and at 20 from 0.4 s on."""
    stills = film(*["left"] * 12)
    times = [0, 0.1, 0.2, 0.3, *(0.4 + 0.05 * i for i in range(8))]
    stills = [replace(still, time=time) for still, time in zip(stills, times, strict=True)]
    answers = said(stills, CountsFrames(frames_per_second=5))
    assert answers[4] == [1, 3, 5]
    assert answers[-1] == [1, 3, 5]
    assert said([*stills, replace(stills[0], frame=12, time=0.8)], CountsFrames(frames_per_second=5))[-1] == [5, 9, 1]
