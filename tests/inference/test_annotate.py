import numpy as np
import pytest

from fercli.inference.annotate import CALM, WHITE, annotated
from fercli.inference.frames import Still
from fercli.inference.stream import FacePrediction
from fercli.preprocess.face import Face

FEAR = {"predicted": "fear", "prob_fear": 0.75}
BOX = (40.0, 30.0, 120.0, 70.0)
GRAY = np.full((100, 160), 60, np.uint8)


def drawn(face, *said, image=GRAY):
    return annotated([FacePrediction(Still(image), 0, face, said)])


def test_a_face_has_a_whole_box_and_what_is_said_of_it():
    picture = drawn(Face(BOX), FEAR)
    assert (picture[30, 40:120] == CALM).all()
    assert (picture[30:60, 40] == CALM).all()
    assert (picture[75:] != 60).any()  # the label
    assert (GRAY == 60).all()


def test_a_picture_without_a_face_of_which_nothing_is_said_stays_as_it_is():
    for said in ((), ({}, {})):
        assert (drawn(None, *said) == 60).all()


@pytest.mark.parametrize("said", [(FEAR,), ({}, FEAR)])
def test_the_middle_that_was_predicted_has_a_dashed_box(said):
    picture = drawn(None, *said)
    side = picture[20, 50:110]  # the upper one of the middle 60 of 100 pixels
    is_drawn = (side == WHITE).all(1)
    assert 0.3 < is_drawn.mean() < 0.8
    assert np.count_nonzero(np.diff(is_drawn)) >= 5
    assert not (picture == CALM).all(2).any()
