import numpy as np
import pytest

from fercli.preprocess.crop import Crop, warp
from fercli.preprocess.face import Face
from fercli.preprocess.no_face import center_face, face_to_cut
from fercli.preprocess.shape_predictor import ShapePredictor

IMAGE = np.zeros((50, 90), np.uint8)
IMAGE[10:40, 30:60] = 255  # the middle 60 % of the shorter side


def test_the_middle_stands_for_a_face():
    face = center_face(IMAGE)
    assert face.box == (29.5, 9.5, 59.5, 39.5)
    crop = Crop(30)
    assert warp(IMAGE, crop.matrix(face), 30).min() == 255


@pytest.mark.parametrize("with_predictor", [False, True])
def test_landmarks_are_looked_for_in_a_face_but_not_in_the_middle(predictor_file, with_predictor):
    predictor = ShapePredictor(predictor_file) if with_predictor else None
    found = Face((30.0, 10.0, 60.0, 40.0), confidence=0.8)
    face = face_to_cut(IMAGE, found, predictor)
    assert face.box == found.box
    assert (face.landmarks is not None) == with_predictor
    assert face_to_cut(IMAGE, None, predictor) == center_face(IMAGE)
