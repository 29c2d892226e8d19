import numpy as np
import pytest

from fercli.datasets.synthetic import portraits
from fercli.datasets.synthetic.canvas import Canvas
from fercli.datasets.synthetic.portraits import portrait, portrait_in_scene
from fercli.datasets.synthetic.subject import make_subject
from fercli.preprocess.crop import Crop, warp
from fercli.preprocess.face import Face, five_points


def test_a_portrait_fills_more_of_the_image():
    widths = []
    for draw in (portrait, portrait_in_scene):
        drawn = draw(make_subject(0, 1), "happiness", "park", 64, np.random.default_rng(0))
        assert (drawn.image.shape, drawn.landmarks.shape) == ((64, 64, 3), (68, 2))
        widths.append(np.ptp(drawn.landmarks[:, 0]))
    assert widths[0] > 1.4 * widths[1]


@pytest.mark.parametrize("seed", range(8))
def test_the_crop_of_a_face_in_a_scene_shows_nothing_of_the_scene(seed, monkeypatch):
    magenta = np.array([255.0, 0, 255])[:, None, None]
    monkeypatch.setattr(portraits, "paint_scene", lambda scene, size, rng: Canvas(np.tile(magenta, (1, size, size))))
    drawn = portrait_in_scene(make_subject(0, seed), "fear", "fire", 128, np.random.default_rng(seed))
    crop = Crop(48)
    face = warp(drawn.image, crop.matrix(Face((0, 0, 1, 1), five_points(drawn.landmarks))), 48)
    assert share_of_magenta(drawn.image) > 0.3
    assert share_of_magenta(face) == 0


def share_of_magenta(image):
    red, green, blue = np.moveaxis(image.astype(int), 2, 0)
    return np.mean((red > 130) & (green < 35) & (blue > 130))
