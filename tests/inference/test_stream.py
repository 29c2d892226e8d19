from dataclasses import replace

import numpy as np
import pytest

from fercli.inference.frames import Still
from fercli.inference.model import Model
from fercli.inference.stream import Follower, column_names, predict_stream
from fercli.preprocess.face import Face


def pictures(num, dark=()):
    rng = np.random.default_rng(0)
    images = rng.integers(1, 256, (num, 100, 120, 3), dtype=np.uint8)
    return [Still(image * (i not in dark), i, i / 10) for i, image in enumerate(images)]


@pytest.fixture(scope="module")
def model(trained):
    return Model.of(trained("method=softmax"))


def test_the_largest_face_is_predicted_alone_or_all_are(model, detector):
    largest = list(predict_stream(pictures(5), [model], detector, all_faces=False))
    everyone = list(predict_stream(pictures(5), [model], detector, all_faces=True))
    assert [len(faces) for faces in largest] == [1] * 5
    assert [len(faces) for faces in everyone] == [2] * 5
    for (face,), (_, second) in zip(largest, everyone, strict=True):
        assert face.face.box == second.face.box == (30.0, 20.0, 90.0, 80.0)
        assert face.outputs == pytest.approx(second.outputs, abs=1e-6)


def test_a_picture_without_a_face_is_a_row_of_its_own(model, detector):
    found = list(predict_stream(pictures(6, dark={1, 4}), [model], detector, all_faces=False))
    assert [faces[0].face is None for faces in found] == [False, True, False, False, True, False]
    row = found[1][0].row(column_names([model]))
    assert (row["frame"], row["time"], row["face"], row["left"]) == (1, 0.1, None, None)
    assert [faces[0].row(column_names([model]))["face_found"] for faces in found[:2]] == [True, False]
    assert "predicted" not in row


@pytest.mark.parametrize("all_faces", [False, True])
def test_the_middle_of_an_image_without_a_face_is_predicted_by_runs_trained_so(model, trained, detector, all_faces):
    """Both in whatever order; what each says of faces is what it says without the other."""
    other = replace(Model.of(trained("method=softmax", "seed=1")), predicts_middle=True)
    stills = pictures(6, dark={0, 4})
    alone = list(predict_stream(stills, [model], detector, all_faces))
    for models in ([model, other], [other, model]):
        own, others = (models.index(one) for one in (model, other))
        found = list(predict_stream(stills, models, detector, all_faces))
        assert [len(faces) for faces in found] == [len(faces) for faces in alone]
        for still, faces, expected in zip(stills, found, alone, strict=True):
            for predicted, by_one in zip(faces, expected, strict=True):
                if predicted.face is not None:
                    assert predicted.said[own] == pytest.approx(by_one.said[0], abs=1e-6)
                    continue
                assert predicted.predicted_by_middle
                assert not by_one.predicted_by_middle
                assert predicted.said[own] == {}
                (middle,) = other.predict([(still.image, None)])
                assert predicted.said[others] == pytest.approx(middle, abs=1e-6)
                row = predicted.row(column_names(models))
                assert (row["face_found"], row["face"], row["confidence"], row["left"]) == (False, *[None] * 3)
                assert {"predicted", "run2_predicted"} & set(row) == {["predicted", "run2_predicted"][others]}


def test_the_middle_is_not_predicted_where_others_are_seen(model):
    """The person followed is hidden behind somebody else: there is a face, though not theirs."""
    looks = replace(model, predicts_middle=True)
    found = list(predict_stream(pictures(6), [looks], Moving(range(2, 4)), all_faces=False))
    assert [bool(predicted.outputs) for (predicted,) in found] == [True, True, False, False, True, True]


def test_the_middle_does_not_hold_a_person_nor_begin_one(model, detector):
    """Lost after twelve frames, as without a run that predicts it; the person after these is another."""
    dark = {0, 1, *range(4, 16), 18}
    for looks in (model, replace(model, predicts_middle=True)):
        found = list(predict_stream(pictures(20, dark), [looks], detector, all_faces=False))
        numbers = [predicted.number if predicted.face else None for (predicted,) in found]
        assert numbers == [None, None, 0, 0, *[None] * 12, 1, 1, None, 1]


def test_what_is_said_of_a_face_does_not_depend_on_its_neighbors(model, detector):
    whole = list(predict_stream(pictures(6), [model], detector, all_faces=False))
    for i, still in enumerate(pictures(6)):
        ((alone,),) = predict_stream([still], [model], detector, all_faces=False)
        assert alone.outputs == pytest.approx(whole[i][0].outputs, abs=1e-6)


def test_probabilities_add_up_and_the_most_probable_is_named(model, detector):
    for (predicted,) in predict_stream(pictures(4), [model], detector, all_faces=False):
        shares = [predicted.outputs[f"prob_{name}"] for name in model.classes]
        assert sum(shares) == pytest.approx(1)
        assert predicted.outputs["predicted"] == model.classes[int(np.argmax(shares))]


def test_runs_of_two_kinds_stand_in_one_row(model, trained, detector):
    affect = Model.of(trained("method=affect_regression"))
    ((predicted,),) = predict_stream(pictures(1), [model, affect], detector, all_faces=False)
    assert {"predicted", "predicted_valence", "predicted_arousal"} <= set(predicted.outputs)
    assert affect.columns == ("predicted_valence", "predicted_arousal")
    assert not affect.classifies
    assert all(own == {name: name for name in own} for own in column_names([model, affect]))


def test_what_two_runs_both_predict_has_a_column_for_each(model, trained, detector):
    other = Model.of(trained("method=softmax", "seed=1"))
    ((predicted,),) = predict_stream(pictures(1), [model, other], detector, all_faces=False)
    row = predicted.row(column_names([model, other]))
    first, second = predicted.said
    assert row["prob_anger"] == first["prob_anger"] == predicted.outputs["prob_anger"]
    assert row["run2_prob_anger"] == second["prob_anger"] != first["prob_anger"]


class Moving:
    """Two people: the first walks to the right, is hidden for some frames, and the second is larger all the time."""

    batch_size = 3

    def __init__(self, hidden):
        self.number, self.hidden = -1, hidden

    def detect(self, images):
        found = []
        for _ in images:
            self.number += 1
            left = 10.0 + self.number
            faces = [Face((left, 10.0, left + 20, 30.0))] if self.number not in self.hidden else []
            found.append([Face((60.0, 40.0, 100.0, 80.0)), *faces] if self.number else faces)
        return found


@pytest.mark.parametrize(
    ("hidden", "expected"),
    [
        ((), [0] * 20),
        ((3, 4), [0, 0, 0, None, None] + [0] * 15),
        (range(2, 20), [0, 0] + [None] * 12 + [1] * 6),  # lost after twelve frames
    ],
)
def test_one_person_is_followed_though_another_is_larger(model, hidden, expected):
    found = predict_stream(pictures(20), [model], Moving(hidden), all_faces=False)
    assert [predicted.number if predicted.face else None for (predicted,) in found] == expected


def square(x, y, side=20.0):
    return Face((x - side / 2, y - side / 2, x + side / 2, y + side / 2))


def followed(frames):
    """Which of the faces of each frame is chosen; None for none."""
    follower = Follower()
    return [None if (face := follower.choose(faces)) is None else faces.index(face) for faces in frames]


def test_who_runs_is_followed_past_others_and_through_a_gap():
    runner = [square(20 + 12 * i + 0.2 * i**2, 50) for i in range(16)]  # more than half a face in every frame
    frames = [[face, *([square(140, 58, 19.0)] if i else [])] for i, face in enumerate(runner)]
    for i in (5, 6, 7):
        del frames[i][0]
    assert followed(frames) == [0] * 5 + [None] * 3 + [0] * 8


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (square(50, 64), 0),  # 14 pixels off: 0.7 of a face
        (square(50, 66), None),  # 0.8
        (square(50, 50, 31), 0),
        (square(50, 50, 33), None),  # 1.65 times as large
    ],
)
def test_a_face_too_far_or_of_another_size_is_somebody_else(other, expected):
    assert followed([[square(50, 50)], [other]]) == [0, expected]


def test_the_crop_is_that_of_the_training(model, detector):
    """The training faces come from landmarks: aligned, 48 pixels, with a margin of 0.1."""
    assert (model.crop.size, model.crop.align, model.crop.margin) == (48, "five_point", 0.1)
