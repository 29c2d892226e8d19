from dataclasses import replace

import numpy as np
import pytest

from fercli.inference.appearance import EdgesAndColors
from fercli.inference.frames import Still
from fercli.inference.model import Model
from fercli.inference.stream import column_names, predict_stream
from fercli.inference.tracker import Tracker
from fercli.preprocess.face import Face


def pictures(num, dark=()):
    rng = np.random.default_rng(0)
    images = rng.integers(1, 256, (num, 100, 120, 3), dtype=np.uint8)
    return [Still(image * (i not in dark), i, i / 10) for i, image in enumerate(images)]


def steady(num, dark=()):
    """Images in which everybody looks the same all the time."""
    image = np.tile(np.arange(60, 180, dtype=np.uint8)[None, :, None], (100, 1, 3))
    return [Still(image * (i not in dark), i, i / 10) for i in range(num)]


@pytest.fixture(scope="module")
def model(trained):
    return Model.of(trained("method=softmax"))


def stream(stills, models, detector, all_faces=False):
    return list(predict_stream(stills, models, detector, Tracker(EdgesAndColors()), all_faces))


def test_the_largest_face_is_predicted_alone_or_all_are(model, detector):
    largest = stream(pictures(5), [model], detector, False)
    everyone = stream(pictures(5), [model], detector, True)
    assert [len(faces) for faces in largest] == [1] * 5
    assert [len(faces) for faces in everyone] == [2] * 5
    for (face,), (second, _) in zip(largest, everyone, strict=True):
        assert face.face.box == second.face.box == (30.0, 20.0, 90.0, 80.0)
        assert face.outputs == pytest.approx(second.outputs, abs=1e-6)


def test_a_picture_without_a_face_is_a_row_of_its_own(model, detector):
    found = stream(pictures(6, dark={1, 4}), [model], detector, False)
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
    alone = stream(stills, [model], detector, all_faces)
    for models in ([model, other], [other, model]):
        own, others = (models.index(one) for one in (model, other))
        found = stream(stills, models, detector, all_faces)
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
    found = stream(steady(6), [looks], Moving(range(2, 4)), False)
    assert [bool(predicted.outputs) for (predicted,) in found] == [True, True, False, False, True, True]


def test_the_middle_does_not_hold_a_person_nor_begin_one(model, detector):
    """The same images come back after a second, so that it is the same person."""
    dark = {0, 1, *range(4, 16), 18}
    stills = [replace(still, image=still.image // 3) for still in steady(22, dark)]  # no cut of the film
    for looks in (model, replace(model, predicts_middle=True)):
        found = stream(stills, [looks], detector)
        numbers = [predicted.person if predicted.face else None for (predicted,) in found]
        assert numbers[16:] == [1, 1, None, 1, 1, 1]
        assert numbers[:4] == [None] * 4  # two sightings are no person yet


def test_what_is_said_of_a_face_does_not_depend_on_its_neighbors(model, detector):
    whole = stream(pictures(6), [model], detector, False)
    for i, still in enumerate(pictures(6)):
        ((alone,),) = stream([still], [model], detector, False)
        assert alone.outputs == pytest.approx(whole[i][0].outputs, abs=1e-6)


def test_probabilities_add_up_and_the_most_probable_is_named(model, detector):
    for (predicted,) in stream(pictures(4), [model], detector, False):
        shares = [predicted.outputs[f"prob_{name}"] for name in model.classes]
        assert sum(shares) == pytest.approx(1)
        assert predicted.outputs["predicted"] == model.classes[int(np.argmax(shares))]


def test_runs_of_two_kinds_stand_in_one_row(model, trained, detector):
    affect = Model.of(trained("method=affect_regression"))
    ((predicted,),) = stream(pictures(1), [model, affect], detector, False)
    assert {"predicted", "predicted_valence", "predicted_arousal"} <= set(predicted.outputs)
    assert affect.columns == ("predicted_valence", "predicted_arousal")
    assert not affect.classifies
    assert all(own == {name: name for name in own} for own in column_names([model, affect]))


def test_what_two_runs_both_predict_has_a_column_for_each(model, trained, detector):
    other = Model.of(trained("method=softmax", "seed=1"))
    ((predicted,),) = stream(pictures(1), [model, other], detector, False)
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
    ("hidden", "is_main"),
    [
        ((), [True] * 20),
        ((4, 5), [True] * 4 + [False] * 2 + [True] * 14),
        (range(3, 20), [True] * 3 + [False] * 10 + [True] * 7),  # away for more than a second: the other is followed
    ],
)
def test_one_person_is_followed_though_another_is_larger(model, hidden, is_main):
    found = stream(steady(20), [model], Moving(hidden))
    assert [predicted.face is not None for (predicted,) in found] == is_main
    people = [predicted.person for (predicted,) in found if predicted.face]
    assert people == ([1] * 3 + [2] * 7 if len(hidden) > 2 else [1] * len(people))


def test_everybody_has_the_same_number_as_alone(model):
    """Whoever is the main person keeps the number that they have among all people."""
    alone, everybody = (stream(steady(20), [model], Moving((4, 5)), all_faces) for all_faces in (False, True))
    for (one,), people in zip(alone, everybody, strict=True):
        if one.face is not None:
            (same,) = [other for other in people if other.person == one.person]
            assert same.face == one.face
            assert same.outputs == pytest.approx(one.outputs, abs=1e-6)


def test_faces_of_images_are_nobody_and_keep_their_order(model, detector):
    ((first, second),) = predict_stream(pictures(1), [model], detector)
    assert (first.person, first.number, second.person, second.number) == (None, 0, None, 1)


def test_the_crop_is_that_of_the_training(model, detector):
    """The training faces come from landmarks: aligned, 48 pixels, with a margin of 0.1."""
    assert (model.crop.size, model.crop.align, model.crop.margin) == (48, "five_point", 0.1)
