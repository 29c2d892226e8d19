import pytest

from fercli.figures.timeline import Point, timeline_figure
from fercli.tables.columns import metric_column

ACCURACY = metric_column("accuracy")


def dots(figure):
    (axes,) = figure.axes
    return [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in axes.lines if line.get_marker() == "o"]


def test_every_number_is_a_dot_and_a_repeat_is_tied_to_it():
    figure = timeline_figure([Point("A", 2020, 90.0, "p", 80.0), Point("B", 2021, 91.0, "p")], {}, ACCURACY)
    assert dots(figure) == [(2020, 90), (2020, 80), (2021, 91)]
    tied = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    assert [list(line.get_ydata()) for line in tied] == [[90, 80]]


def test_equal_numbers_of_a_year_stand_beside_each_other():
    figure = timeline_figure([Point(name, 2020, 90.0, "p") for name in "ABC"], {}, ACCURACY)
    assert [x for x, _ in dots(figure)] == pytest.approx([2020, 2020.12, 2020.24])


def test_the_best_of_each_year_is_named_in_the_direction_of_the_metric():
    points = [Point("low", 2020, 5.0, "p"), Point("high", 2020, 9.0, "p"), Point("other", 2021, 7.0, "p")]
    for metric, named in (("accuracy", {"high", "other"}), ("mae", {"low", "other"})):
        assert {text.get_text() for text in timeline_figure(points, {}, metric_column(metric)).axes[0].texts} == named


def test_colors_are_protocols_and_the_rare_ones_share_one():
    points = [Point("A", 2020, 90.0 + i, f"protocol {i}") for i in range(8)] + [Point("B", 2021, 90.0, "protocol 0")]
    figure = timeline_figure(points, {"ours": 91.0}, ACCURACY)
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == [*(f"protocol {i}" for i in range(6)), "other protocols", "ours"]
    lines = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert lines[0].get_color() == lines[8].get_color() != lines[1].get_color()
    assert lines[6].get_color() == lines[7].get_color()


def test_nothing_published_leaves_our_runs():
    figure = timeline_figure([], {"ours": 91.0}, ACCURACY)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["ours"]
