import pytest

from fercli.inference.captions import answers, label
from fercli.inference.frames import Still
from fercli.inference.stream import FacePrediction
from fercli.preprocess.face import Face
from fercli.scales import Scale, named
from tests.inference.test_annotate import BOX, FEAR, GRAY


def test_lines_are_numbered_where_runs_say_the_same_or_one_says_nothing():
    def lines(*said):
        return label(FacePrediction(Still(GRAY), 0, Face(BOX), said))

    assert lines(FEAR) == ["fear 75%"]
    assert lines(FEAR, {"predicted_score": 12.0}) == ["fear 75%", "score 12.0"]
    assert lines(FEAR, FEAR) == ["1: fear 75%", "2: fear 75%"]
    assert lines({}, FEAR) == ["2: fear 75%"]


@pytest.mark.parametrize(
    ("scale", "line"),
    [
        (None, "score 26.2"),
        (named("bdi_ii"), "score 26.2 BDI-II points (moderate)"),
        (Scale("own", 90), "score 26.2 own points"),
    ],
)
def test_a_score_has_its_unit_and_band_where_the_scale_is_known(scale, line):
    assert answers({"predicted_score": 26.2}, scale) == [line]
