import io

import numpy as np
import pytest
from PIL import Image

from fercli.datasets import channels
from fercli.datasets.channels import channel_statistics
from fercli.datasets.store import Store


def pixels(store, rows, mode="RGB"):
    """(n, C) of all pixels of these rows, in [0, 1]."""
    images = [np.array(Image.open(io.BytesIO(store.image(int(row)))).convert(mode)) for row in rows]
    return np.stack(images).reshape(-1, len(mode)) / 255


def test_it_is_of_every_pixel_of_the_training_split(faces):
    store = Store(faces)
    mean, std = channel_statistics(store, store.rows("train"))
    expected = pixels(store, store.rows("train"))
    np.testing.assert_allclose(mean, expected.mean(0), rtol=1e-9)
    np.testing.assert_allclose(std, expected.std(0), rtol=1e-9)


def test_gray_images_have_one_channel(digits):
    store = Store(digits)
    expected = pixels(store, store.rows("train"), "L")
    assert channel_statistics(store, store.rows("train"), channels=1) == (
        pytest.approx([expected.mean()], rel=1e-9),
        pytest.approx([expected.std()], rel=1e-9),
    )


def test_of_many_images_some_that_are_evenly_spread_are_read(faces, monkeypatch):
    monkeypatch.setattr(channels, "MOST_IMAGES", 3)
    store = Store(faces)
    rows = store.rows("train")
    expected = pixels(store, rows[[0, round((len(rows) - 1) / 2), -1]])
    np.testing.assert_allclose(channel_statistics(store, store.rows("train"))[0], expected.mean(0), rtol=1e-9)
