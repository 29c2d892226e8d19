from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

from fercli.figures import figure as module
from fercli.figures.classes import class_recall_figure, confusion_matrix_figure
from fercli.figures.figure import (
    EXPRESSION_COLORS,
    OTHER_COLORS,
    STYLE,
    class_colors,
    figure_bytes,
    new_figure,
    save_figure,
    wide_legend,
)
from fercli.figures.scatter import Panel, feature_scatter_figure
from fercli.figures.short_names import MOST_OF_A_NAME
from fercli.figures.shorten import MOST_IN_A_LEGEND
from fercli.pages.svg import svg_element
from fercli.taxonomy import EXPRESSIONS


def test_an_expression_has_one_color_whatever_stands_beside_it():
    assert class_colors(EXPRESSIONS) == list(EXPRESSION_COLORS.values())
    assert class_colors(["fear", "anger"]) == [EXPRESSION_COLORS["fear"], EXPRESSION_COLORS["anger"]]


def test_ten_digits_have_ten_colors():
    assert class_colors([str(digit) for digit in range(10)]) == list(OTHER_COLORS)


def drawn():
    figure, ((axes,),) = new_figure()
    axes.plot([0, 1], label="a")
    axes.set(title="A line", xlabel="place", ylabel="height")
    axes.legend()
    return figure


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_a_figure_is_saved_by_its_ending_and_always_the_same(tmp_path, ending, start):
    save_figure(drawn(), tmp_path / "figures" / f"a.{ending}")
    saved = (tmp_path / "figures" / f"a.{ending}").read_bytes()
    assert saved.startswith(start)
    assert saved == figure_bytes(drawn(), ending)


def test_a_figure_has_the_pixels_of_its_size_in_inches(tmp_path, monkeypatch, resolution):
    monkeypatch.setattr("fercli.figures.figure.DPI", resolution)
    save_figure(new_figure(width=6.0, height=4.0)[0], tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (960, 640)


def test_a_figure_gets_its_places_once_and_where_matplotlib_puts_them(monkeypatch):
    laid_out, execute = [], ConstrainedLayoutEngine.execute

    def counted(engine, figure):
        laid_out.append(figure)
        execute(engine, figure)

    monkeypatch.setattr(ConstrainedLayoutEngine, "execute", counted)
    ours, theirs = drawn(), drawn()
    png, again = figure_bytes(ours, "png"), figure_bytes(ours, "png")
    svg_element(ours, "recall", "f1-", 1000)
    assert laid_out == [ours]
    out = BytesIO()
    with mpl.rc_context(STYLE):
        theirs.savefig(out, format="png", dpi=module.DPI, facecolor="white")
    assert png == again == out.getvalue()


LONG = ["x" * 255, "y" + "x" * 254, "x" * 100 + "z" + "x" * 154, "驚" * 100, "fear", "an\x1b[31mger"]


def drawn_with(names):
    counts, places = np.eye(len(names), dtype=int), np.arange(2.0 * len(names)).reshape(-1, 2)
    yield confusion_matrix_figure(counts, names, title=names[0])
    yield class_recall_figure(counts, names, np.array([[0.1], [1.0]]) * np.ones(len(names)))
    yield feature_scatter_figure({names[0]: Panel(places, np.arange(len(names)))}, names)


@pytest.mark.filterwarnings("error:constrained_layout not applied", "ignore:Glyph")
def test_long_names_leave_room_for_the_axes():
    for figure in drawn_with(LONG):
        figure_bytes(figure, "svg")
        axes = figure.axes[0]
        assert min(axes.get_position().size) > 0.1
        labels = [label.get_text() for axis in (axes.xaxis, axes.yaxis) for label in axis.get_ticklabels()]
        assert max(len(line) for label in labels for line in label.split("\n")) <= MOST_OF_A_NAME + 4


@pytest.mark.filterwarnings("error:constrained_layout not applied")
@pytest.mark.parametrize("ncols", [1, 3])
@pytest.mark.parametrize("place", ["outside lower left", "outside upper center"])
def test_a_legend_above_or_below_the_axes_uses_its_room_and_no_more(place, ncols):
    names = [
        "A method with attention, fitted",
        "trained on the votes of ten people " * 9,
        "our run 1a2b3c4d5e (n = 3)",
    ]
    figure, ((axes,),) = new_figure(width=9.0)
    wide_legend(figure, [axes.plot([0, 1], label=name)[0] for name in names], place, ncols)
    figure_bytes(figure, "svg")
    (legend,) = figure.legends
    shown = [text.get_text() for text in legend.get_texts()]
    assert [shown[0], shown[2]] == [names[0], names[2]]
    assert 28 <= len(shown[1]) * ncols < 200
    figure.draw_without_rendering()
    assert max(text.get_window_extent().x1 for text in legend.get_texts()) <= figure.bbox.x1
    assert min(axes.get_position().size) > 0.1


def test_a_legend_keeps_every_word_and_number_that_two_lines_hold():
    figure, ((axes,),) = new_figure(width=6.0)
    names = ["a method of two words: rank 1 50.4%, area 82.3%", f"{'x' * 90}\nrank 1 50.4%, area 82.3%"]
    for name in names:
        axes.plot([0, 1], label=name)
    axes.legend()
    figure_bytes(figure, "svg")
    shown = [text.get_text() for text in axes.get_legend().get_texts()]
    assert shown[0].split() == names[0].split()
    assert shown[1].endswith("\nrank 1 50.4%, area 82.3%")
    assert max(len(line) for text in shown for line in text.split("\n")) <= MOST_IN_A_LEGEND
