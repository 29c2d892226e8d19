import cv2
import numpy as np
import pytest
import torch

from fercli.datasets.images import ImageRows


def encoded(image, suffix=".png"):
    return cv2.imencode(suffix, image)[1].tobytes()


@pytest.fixture
def colors():
    """Three images of random pixels, RGB."""
    return np.random.default_rng(0).integers(256, size=(3, 5, 7, 3), dtype=np.uint8)


@pytest.fixture
def store(write_store, colors):
    labels = [
        {"expression": "1", "votes": [1, 2], "valence": 0.5, "arousal": -0.5},
        {"expression": None, "votes": None, "valence": None, "arousal": None},
        {"expression": "0", "votes": [3, 0], "valence": -1.0, "arousal": 1.0},
    ]
    return write_store(
        [
            {"split": "train", "image": encoded(image[:, :, ::-1]), **label}
            for image, label in zip(colors, labels, strict=True)
        ]
    )


def test_positions_give_a_batch_in_their_order(store, colors):
    batch = ImageRows(store, np.array([0, 2])).__getitems__([1, 0])
    assert batch.id == ["row2", "row0"]
    assert batch.expression.tolist() == [0, 1]
    assert batch.votes.tolist() == [[3, 0], [1, 2]]
    assert batch.affect.tolist() == [[-1, 1], [0.5, -0.5]]
    assert batch.image.dtype == torch.uint8
    np.testing.assert_array_equal(batch.image.permute(0, 2, 3, 1), colors[[2, 0]])


def test_gray_is_the_luma_of_the_colors(store, colors):
    image = ImageRows(store, np.arange(3), channels=1).image(0)
    assert image.shape == (1, 5, 7)
    luma = colors[0] @ np.array([0.299, 0.587, 0.114])
    assert np.abs(image[0].numpy() - luma).max() <= 1  # the decoder rounds coefficients to integers


def test_missing_labels_are_unlabelled(store):
    batch = ImageRows(store, np.arange(3)).__getitems__([1, 2])
    assert batch.expression.tolist() == [-1, 0]
    assert torch.isnan(batch.votes[0]).all()
    assert torch.isnan(batch.affect[0]).all()
    assert not torch.isnan(batch.votes[1]).any()


def test_a_field_that_no_row_has_is_none(store):
    batch = ImageRows(store, np.arange(3)).__getitems__([0, 1, 2])
    assert batch.score is None
    assert batch.age is None
    assert batch.landmarks is None
    assert batch.mask is None
    assert ImageRows(store, np.array([1])).__getitems__([0]).votes is None


@pytest.fixture
def points():
    """68 landmarks whose left-image eye is a square of 3 pixels side around (3, 3), all others outside the image."""
    points = np.full((68, 2), -50.0)
    points[36:42] = [[2, 2], [4, 2], [4, 4], [2, 4], [2, 2], [4, 4]]
    return points


@pytest.fixture
def partly_marked(write_store, points):
    """The first row has 68 landmarks, the second none, the third five, the fourth 68 others."""
    several = [points.ravel(), None, np.arange(10.0), (points + np.array([1, 0])).ravel()]
    return write_store([{"split": "train", "landmarks": None if p is None else p.tolist()} for p in several])


def test_landmarks_are_those_of_their_rows_and_nan_where_there_are_not_68(partly_marked, points):
    batch = ImageRows(partly_marked, np.array([3, 1, 2, 0])).__getitems__([0, 2, 1, 3])
    assert batch.landmarks.shape == (4, 68, 2)
    assert batch.landmarks.dtype == torch.float32
    np.testing.assert_array_equal(batch.landmarks[0], points + np.array([1, 0]))
    np.testing.assert_array_equal(batch.landmarks[3], points)
    assert torch.isnan(batch.landmarks[1:3]).all()
    assert ImageRows(partly_marked, np.array([1, 2])).__getitems__([0, 1]).landmarks is None


def test_a_mask_is_drawn_where_it_is_asked_for(partly_marked):
    assert ImageRows(partly_marked, np.arange(4)).__getitems__([0]).mask is None
    mask = ImageRows(partly_marked, np.arange(4), with_mask=True).__getitems__([0, 1, 3]).mask
    assert mask.dtype == torch.uint8
    expected = np.zeros((3, 6, 6), np.uint8)
    expected[0, 2:5, 2:5] = expected[2, 2:5, 3:6] = 255
    np.testing.assert_array_equal(mask, expected)


def test_jpeg_is_decoded_too(write_store):
    smooth = np.tile(np.linspace(40, 200, 16, dtype=np.uint8)[:, None, None], (1, 16, 3))
    store = write_store([{"split": "train", "image": encoded(smooth, ".jpg")}])
    image = ImageRows(store, np.array([0])).image(0)
    assert np.abs(image.permute(1, 2, 0).numpy().astype(int) - smooth).max() < 8


@pytest.fixture
def scenes(write_store):
    """Two frames of one video with scenes of 8 x 6 pixels and a face in them, and a third without a face."""
    scene = encoded(np.full((6, 8), 90, np.uint8))
    boxes = [(0.6, 0.6, 2.4, 1.4), (3.6, 2.6, 4.4, 3.4), None]
    rows = [{"split": "train", "context": scene, "video": "a", "time": i, "face_box": b} for i, b in enumerate(boxes)]
    return write_store(rows)


@pytest.mark.parametrize("hide_face", [False, True])
def test_the_face_is_hidden_in_its_scene_where_asked_for(scenes, hide_face):
    rows = ImageRows(scenes, np.arange(3), channels=1, with_context=True, hide_face=hide_face)
    context = rows.__getitems__([0, 2, 1]).context
    assert context.shape == (3, 1, 6, 8)
    assert ((context == 90) | (context == 0)).all()
    assert (context == 0).sum((1, 2, 3)).tolist() == ([2, 0, 1] if hide_face else [0] * 3)
    if hide_face:
        assert context[0, 0, 1, 1:3].max() == 0


def test_a_clip_has_the_scene_of_each_of_its_frames(scenes):
    rows = ImageRows(scenes, np.array([[0, 1, 2]]), channels=1, with_context=True, hide_face=True)
    context = rows.__getitems__([0]).context
    assert context.shape == (1, 3, 1, 6, 8)
    assert (context == 0).sum((0, 2, 3, 4)).tolist() == [2, 1, 0]


def test_images_of_several_shapes_lie_on_one_canvas(write_store):
    rng = np.random.default_rng(1)
    gray = [rng.integers(256, size=shape, dtype=np.uint8) for shape in ((5, 7), (9, 5), (5, 5))]
    store = write_store([{"split": "train", "image": encoded(image)} for image in gray])
    batch = ImageRows(store, np.arange(3), channels=1).__getitems__([0, 1, 2])
    assert batch.extent.tolist() == [[5, 7], [9, 5], [5, 5]]
    assert batch.image.shape == (3, 1, 9, 7)
    for image, (height, width), expected in zip(batch.image[:, 0], batch.extent.tolist(), gray, strict=True):
        np.testing.assert_array_equal(image[:height, :width], expected)
        assert image.sum() == expected.sum()
    assert ImageRows(store, np.arange(3), channels=1).__getitems__([2]).extent is None
