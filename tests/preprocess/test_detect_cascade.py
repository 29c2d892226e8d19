"""The boxes, points and confidences of facenet-pytorch, which is asked about each image by itself."""

import cv2
import facenet_pytorch
import numpy as np
import pytest
import torch

from fercli.datasets.synthetic.faces import faces
from fercli.preprocess import area, detect_cascade
from fercli.preprocess.detect import MTCNN
from fercli.preprocess.detect_cascade import Cascade

THRESHOLDS = (0.6, 0.7, 0.7)


def scene(height, width, num_faces, seed):
    """Drawn faces of unequal size side by side on noise."""
    image = np.random.default_rng(seed).integers(90, 160, (height, width, 3), dtype=np.uint8)
    for place, face in enumerate(faces(num_faces, seed=seed)):
        side = min(height, width // num_faces) - 7 * place
        left = place * (width // num_faces)
        image[:side, left : left + side] = cv2.resize(face.image, (side, side), interpolation=cv2.INTER_AREA)
    return image


SCENES = {
    "350x350": scene(350, 350, 1, 0),
    "odd": scene(211, 333, 2, 1),
    "wide": scene(97, 641, 5, 2),
    "tall": scene(523, 130, 1, 3),
    "large": scene(720, 1283, 3, 4),  # P-Net sees it in strips
    "smallest": scene(20, 20, 1, 5),
    "too small": scene(19, 300, 1, 5),
    "black": np.zeros((128, 96, 3), np.uint8),
    "noise": np.random.default_rng(6).integers(0, 256, (160, 161, 3), dtype=np.uint8),
    "again 350x350": scene(350, 350, 3, 7),
}


@pytest.fixture(scope="module")
def reference():
    return facenet_pytorch.MTCNN(thresholds=list(THRESHOLDS), min_face_size=20)


@pytest.fixture(scope="module")
def cascade():
    return Cascade(THRESHOLDS, 20, torch.device("cpu"))


def expected_of(reference, image):
    """Boxes, points and confidences of facenet-pytorch, which fails where there is no scale to search."""
    if min(image.shape[:2]) < 20:
        with pytest.raises((RuntimeError, ValueError), match="non-empty list"):  # which one, torch decides
            reference.detect(image, landmarks=True)
        return None
    boxes, confidences, points = reference.detect(image, landmarks=True)
    if boxes is None:
        return None
    order = np.argsort(-np.asarray(confidences, float), kind="stable")
    return np.asarray(boxes, float)[order], np.asarray(points, float)[order], np.asarray(confidences, float)[order]


def check(found, expected):
    if expected is None:
        assert not found
        return
    boxes, points, confidences = expected
    assert len(found) == len(boxes)
    np.testing.assert_allclose([face.box for face in found], boxes, rtol=0, atol=0.01)
    np.testing.assert_allclose([face.points for face in found], points, rtol=0, atol=0.01)
    np.testing.assert_allclose([face.confidence for face in found], confidences, rtol=0, atol=1e-4)


def test_the_scenes_have_many_faces(reference):
    found = [expected_of(reference, image) for image in SCENES.values()]
    assert sum(len(each[0]) for each in found if each) >= 10


@pytest.mark.parametrize("name", SCENES)
def test_alone_and_in_a_batch_an_image_has_the_faces_of_facenet_pytorch(reference, name):
    image, detector = SCENES[name], MTCNN()
    expected = expected_of(reference, image)
    check(detector.detect([image])[0], expected)
    others = [other for key, other in SCENES.items() if key != name]
    check(detector.detect([*others[:4], image, *others[4:]])[4], expected)


@pytest.mark.parametrize("is_cpu", [True, False])
def test_images_of_one_size_searched_together_have_the_faces_that_each_has_alone(
    reference, cascade, is_cpu, monkeypatch
):
    """The way of a GPU, which tells on any device whether neighbors meet."""
    monkeypatch.setattr(area, "is_cpu", lambda device: is_cpu)
    monkeypatch.setattr(detect_cascade, "is_cpu", lambda device: is_cpu)
    images = [*(scene(240, 320, n, seed) for seed, n in enumerate((1, 2, 3))), np.zeros((240, 320, 3), np.uint8)]
    for image, (boxes, points) in zip(images, cascade(images), strict=True):
        expected = expected_of(reference, image)
        order = np.argsort(-boxes[:, 4], kind="stable")
        if expected is None:
            assert not len(boxes)
            continue
        np.testing.assert_allclose(boxes[order, :4], expected[0], rtol=0, atol=0.01)
        np.testing.assert_allclose(points[order], expected[1], rtol=0, atol=0.01)
        np.testing.assert_allclose(boxes[order, 4], expected[2], rtol=0, atol=1e-4)


def test_a_batch_waits_for_the_device_twice_for_its_places_and_once_for_each_further_stage(cascade, monkeypatch):
    waits = []
    for name in ("nonzero", "cpu", "item", "tolist"):
        whole = getattr(torch.Tensor, name)

        def counted(tensor, *args, whole=whole, name=name, **options):
            waits.append(name)
            return whole(tensor, *args, **options)

        monkeypatch.setattr(torch.Tensor, name, counted)
    images = [scene(240, 320, n, seed) for seed, n in enumerate((1, 2, 3))]
    assert all(len(boxes) for boxes, _ in cascade(images))
    assert waits == ["nonzero", "cpu", "cpu", "cpu"]


@pytest.mark.parametrize("min_face_size", [12, 33, 60])
def test_other_options(min_face_size):
    thresholds, image = [0.5, 0.6, 0.9], SCENES["odd"]
    reference = facenet_pytorch.MTCNN(thresholds=thresholds, min_face_size=min_face_size)
    check(MTCNN(thresholds, min_face_size).detect([image])[0], expected_of(reference, image))


def test_boxes_outside_their_image_are_left_out(cascade, monkeypatch):
    """facenet-pytorch fails in this case."""
    outside = np.array([[-50, -50, -10, -10, 0.9], [400, 10, 440, 50, 0.9]], np.float32)
    place = cascade._proposed

    def proposed(sums, scales):
        found = place(sums, scales)
        return found._replace(
            image=np.concatenate([found.image, [0, 0]]),
            boxes=np.concatenate([found.boxes, outside]),
            outputs=np.concatenate([found.outputs, np.zeros((2, 4), np.float32)]),
        )

    ((before, _),) = cascade([SCENES["350x350"]])
    monkeypatch.setattr(cascade, "_proposed", proposed)
    ((after, _),) = cascade([SCENES["350x350"]])
    np.testing.assert_allclose(after, before, rtol=0, atol=1e-3)
    assert len(after)
