from types import SimpleNamespace

import numpy as np
import pytest

from fercli.datasets.synthetic.faces import faces
from fercli.inference.unlike import Unlike, enlargement, filled, outside
from fercli.preprocess.crop import Crop
from fercli.preprocess.face import Face

COLOR = np.random.default_rng(0).integers(0, 256, (100, 200, 3), dtype=np.uint8)
MIDDLE = Face((80.0, 30.0, 120.0, 70.0))  # 40 pixels wide


def model(**changes):
    usual = {"crop": Crop(64, margin=0.1), "is_gray": False, "came_cropped": False}
    return SimpleNamespace(**usual | changes)


def warned(image, face, **changes):
    unlike = Unlike(model(**changes))
    unlike.add(image, face)
    return unlike.warnings


def test_faces_as_those_of_the_training_give_no_warning():
    unlike = Unlike(model())
    for drawn in faces(20, seed=0, size=160):
        unlike.add(drawn.image, Face(drawn.box))
    assert unlike.num_faces == 20
    assert unlike.warnings == []
    assert warned(COLOR, MIDDLE, came_cropped=True) == []


@pytest.mark.parametrize(
    ("image", "face", "changes", "words"),
    [
        (COLOR[..., 0], MIDDLE, {}, "1 of 1 faces are in images without color; the run was trained on color"),
        (np.repeat(COLOR[..., :1], 3, 2), MIDDLE, {}, "without color"),
        (COLOR, Face((90.0, 40.0, 110.0, 60.0)), {}, "smaller than half of the 64 pixels of the training faces"),
        (COLOR[30:70, 80:120], Face((0.0, 0.0, 40.0, 40.0)), {}, "are cut closer than the training faces"),
        (COLOR[28:72, 78:122], Face((2.0, 2.0, 42.0, 42.0)), {"came_cropped": True}, "cuts them out again"),
    ],
)
def test_what_the_training_faces_do_not_show_is_said(image, face, changes, words):
    (said,) = warned(image, face, **changes)
    assert words in said


def test_a_network_for_gray_images_may_read_gray_ones():
    assert warned(COLOR[..., 0], MIDDLE, is_gray=True) == []


def test_a_few_faces_are_no_warning():
    unlike = Unlike(model())
    for image in (COLOR, COLOR, COLOR[..., 0]):
        unlike.add(image, MIDDLE)
    assert unlike.num_gray == 1
    assert unlike.warnings == []


def test_the_measures_are_areas():
    square = model(crop=Crop(96, margin=0.1))
    assert enlargement(square, MIDDLE) == pytest.approx(2)
    assert filled(COLOR, MIDDLE) == pytest.approx(1600 / 20000)
    corner = Face((0.0, 0.0, 40.0, 40.0))  # the square is from -4 to 44
    assert outside(square, COLOR, corner) == pytest.approx(1 - 44 * 44 / 48**2)
    assert outside(square, COLOR, MIDDLE) == 0
