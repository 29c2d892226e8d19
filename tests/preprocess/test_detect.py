import pickle

import cv2
import numpy as np
import pytest
import torch

from fercli.datasets.synthetic.faces import faces
from fercli.errors import ConfigError
from fercli.preprocess.detect import MTCNN, automatic
from fercli.preprocess.face import Absent, Face, Given, WholeImage, five_points


@pytest.fixture(scope="module")
def drawn():
    return list(faces(num_faces=12, seed=3))


@pytest.fixture(scope="module")
def detector():
    return MTCNN()


def test_finds_faces_where_they_were_drawn(drawn, detector):
    found = detector.find([face.image for face in drawn], [])
    assert sum(isinstance(face, Face) for face in found) >= 11
    for face, truth in zip(found, drawn, strict=True):
        if isinstance(face, Face):
            expected = five_points(truth.landmarks)
            size = np.linalg.norm(expected[0] - expected[4])
            assert np.linalg.norm(face.points - expected, axis=1).mean() < 0.2 * size


def test_coordinates_are_those_of_the_image_at_any_size(drawn):
    detector = MTCNN(long_side=160)
    small = drawn[0].image
    large = cv2.resize(small, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    one, three = detector.find([small, large], [])
    np.testing.assert_allclose((three.points + 0.5) / 3 - 0.5, one.points, atol=2)


def test_what_is_found_does_not_depend_on_the_neighbors(drawn, detector):
    mixed = [face.image for face in drawn[:3]] + [np.zeros((300, 40, 3), np.uint8), drawn[3].image[:, :, 0]]
    together = detector.find(mixed, [])
    alone = [detector.find([image], [])[0] for image in mixed]
    assert [type(face) for face in together] == [type(face) for face in alone]
    for a, b in zip(together, alone, strict=True):
        if isinstance(a, Face):
            assert (a.box, a.confidence) == (b.box, b.confidence)
            np.testing.assert_array_equal(a.points, b.points)


@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (19, 300), (2000, 30), (64, 64)])
def test_survives_images_of_any_shape(detector, shape):
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert detector.find([image], []) == [Absent("no face found")]


@pytest.mark.parametrize(
    "error", [RuntimeError("torch.cat(): expected a non-empty list"), IndexError("mask"), torch.OutOfMemoryError("GPU")]
)
def test_no_error_of_the_networks_counts_as_an_image_without_a_face(monkeypatch, drawn, error):
    detector = MTCNN()

    def fail(crops):
        raise error

    monkeypatch.setattr(detector._cascade.refinement, "forward", fail)
    with pytest.raises(type(error)) as raised:
        detector.find([drawn[0].image, drawn[1].image], [])
    assert raised.value is error


@pytest.mark.parametrize(("choose", "expected"), [("confident", 0), ("largest", 1), ("central", 2)])
def test_choice_among_several_faces(choose, expected):
    found = [Face((0, 0, 10, 10), confidence=0.99), Face((60, 0, 100, 40), confidence=0.9), Face((45, 45, 55, 55))]
    chooser = MTCNN(choose=choose)
    chooser.detect = lambda images: [found]
    assert chooser.find([np.zeros((100, 100, 3), np.uint8)], []) == [found[expected]]


@pytest.mark.parametrize(("choose", "expected"), [("confident", 0), ("largest", 1)])
def test_only_faces_of_enough_confidence_are_kept(choose, expected):
    found = [
        Face((0, 0, 10, 10), confidence=0.99),
        Face((60, 0, 100, 40), confidence=0.9),
        Face((0, 0, 80, 80), confidence=0.89),
    ]
    chooser = MTCNN(choose=choose, min_confidence=0.9)
    chooser.detect = lambda images: [found, found[2:], []]
    assert chooser.find([np.zeros((100, 100, 3), np.uint8)] * 3, []) == [
        found[expected],
        Absent("confidence of the face is too low", "expected at least 0.9; found 0.89"),
        Absent("no face found"),
    ]


def test_wrong_options_are_explained():
    with pytest.raises(ConfigError, match="did you mean 'largest'"):
        MTCNN(choose="large")
    with pytest.raises(ConfigError, match="min_face_size=100; found 50"):
        MTCNN(min_face_size=100, long_side=50)
    with pytest.raises(ConfigError, match="at least 12 pixels; found 5"):
        MTCNN(min_face_size=5)
    with pytest.raises(ConfigError, match=r"min_confidence between 0 and 1; found 90"):
        MTCNN(min_confidence=90)


def test_automatic():
    assert isinstance(automatic(cropped=True, long_side=100), WholeImage)
    assert isinstance(automatic(cropped=True, given=True), WholeImage)
    assert isinstance(automatic(cropped=False, given=True, long_side=100), Given)
    assert automatic(cropped=False, long_side=100).long_side == 100


def test_can_be_sent_to_another_process():
    sent = pickle.loads(pickle.dumps(MTCNN(long_side=99, min_confidence=0.5)))
    assert (sent.long_side, sent.min_confidence) == (99, 0.5)
