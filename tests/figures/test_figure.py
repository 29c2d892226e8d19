import pytest

from fercli.figures.figure import EXPRESSION_COLORS, OTHER_COLORS, class_colors, figure_bytes, new_figure, save_figure
from fercli.taxonomy import EXPRESSIONS


def test_an_expression_has_one_color_whatever_stands_beside_it():
    assert class_colors(EXPRESSIONS) == list(EXPRESSION_COLORS.values())
    assert class_colors(["fear", "anger"]) == [EXPRESSION_COLORS["fear"], EXPRESSION_COLORS["anger"]]


def test_ten_digits_have_ten_colors():
    assert class_colors([str(digit) for digit in range(10)]) == list(OTHER_COLORS)


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_a_figure_is_saved_by_its_ending_and_always_the_same(tmp_path, ending, start):
    def drawn():
        figure, ((axes,),) = new_figure()
        axes.plot([0, 1], label="a")
        axes.legend()
        return figure

    save_figure(drawn(), tmp_path / "figures" / f"a.{ending}")
    saved = (tmp_path / "figures" / f"a.{ending}").read_bytes()
    assert saved.startswith(start)
    assert saved == figure_bytes(drawn(), ending)
