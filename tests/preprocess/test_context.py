import numpy as np
import pytest

from fercli.errors import ConfigError
from fercli.preprocess.context import Context
from fercli.preprocess.face import Face


def test_the_whole_image_is_stretched():
    image = np.zeros((120, 200, 3), np.uint8)
    image[:, 100:] = 200
    scene = Context(True).picture(image)
    assert scene.shape == (128, 171, 3)
    assert scene[:, :84].max() == 0
    assert scene[:, 87:].min() == 200


def test_shrinking_is_a_mean_over_areas():
    image = np.random.default_rng(0).integers(0, 256, (60, 80), dtype=np.uint8)
    scene = Context(True, height=30, width=40).picture(image)
    np.testing.assert_allclose(scene, image.reshape(30, 2, 40, 2).mean((1, 3)), atol=0.51)


@pytest.mark.parametrize("size", [(40, 40), (20, 80), (97, 33)])
def test_the_box_lies_in_the_picture_where_the_face_does(size):
    image = np.full((40, 40, 3), 90, np.uint8)
    image[8:24, 10:20] = 250
    scene = Context(True, *size)
    face = Face((9.5, 7.5, 19.5, 23.5))  # the borders of those pixels
    picture = scene.picture(image)
    np.testing.assert_allclose(scene.box(image, face), bright_borders(picture[..., 0]), atol=0.51)


def bright_borders(picture):
    rows, columns = (np.flatnonzero((picture > 170).any(axis)) for axis in (1, 0))
    return columns[0] - 0.5, rows[0] - 0.5, columns[-1] + 0.5, rows[-1] + 0.5


def test_the_whole_image_stays_the_whole_picture():
    image = np.zeros((40, 60), np.uint8)
    assert Context(True, 20, 90).box(image, Face((-0.5, -0.5, 59.5, 39.5))) == (-0.5, -0.5, 89.5, 19.5)


def test_no_box_without_a_face_in_a_scene():
    image = np.zeros((40, 60), np.uint8)
    assert Context(True).box(image, None) is None
    assert Context(True).box(image, Face((-0.5, -0.5, 59.5, 39.5), is_framed=True)) is None


@pytest.mark.parametrize("options", [{"height": 0}, {"width": 1.5}])
def test_wrong_sizes_are_refused(options):
    with pytest.raises(ConfigError, match=f"context.{next(iter(options))} in pixels, at least 1"):
        Context(True, **options)
