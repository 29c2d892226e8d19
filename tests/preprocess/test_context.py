import numpy as np
import pytest

from fercli.errors import ConfigError
from fercli.preprocess.context import Context
from fercli.preprocess.face import Face


def test_the_whole_image_is_stretched():
    image = np.zeros((120, 200, 3), np.uint8)
    image[:, 100:] = 200
    scene = Context(True).picture(image, None)
    assert scene.shape == (128, 171, 3)
    assert scene[:, :84].max() == 0
    assert scene[:, 87:].min() == 200


def test_shrinking_is_a_mean_over_areas():
    image = np.random.default_rng(0).integers(0, 256, (60, 80), dtype=np.uint8)
    scene = Context(True, height=30, width=40).picture(image, None)
    np.testing.assert_allclose(scene, image.reshape(30, 2, 40, 2).mean((1, 3)), atol=0.51)


def test_the_box_of_the_face_is_blacked_out_where_asked_for():
    image = np.full((40, 40, 3), 90, np.uint8)
    face = Face((10, 5, 19, 24))
    assert Context(True, 40, 40).picture(image, face).min() == 90
    scene = Context(True, 40, 40, mask_face=True).picture(image, face)
    assert scene[5:25, 10:20].max() == 0
    assert (scene == 0).sum() == 20 * 10 * 3
    assert image.min() == 90
    assert Context(True, 40, 40, mask_face=True).picture(image, None).min() == 90
    assert Context(True, 40, 40, mask_face=True).picture(image, Face((-9, -9, 60, 2)))[:3].max() == 0


@pytest.mark.parametrize("options", [{"height": 0}, {"width": 1.5}])
def test_wrong_sizes_are_refused(options):
    with pytest.raises(ConfigError, match=f"context.{next(iter(options))} in pixels, at least 1"):
        Context(True, **options)
