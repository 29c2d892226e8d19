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
    assert ImageRows(store, np.array([1])).__getitems__([0]).votes is None


def test_jpeg_is_decoded_too(write_store):
    smooth = np.tile(np.linspace(40, 200, 16, dtype=np.uint8)[:, None, None], (1, 16, 3))
    store = write_store([{"split": "train", "image": encoded(smooth, ".jpg")}])
    image = ImageRows(store, np.array([0])).image(0)
    assert np.abs(image.permute(1, 2, 0).numpy().astype(int) - smooth).max() < 8
