import numpy as np
import pytest

from fercli.figures.figure import figure_bytes
from fercli.figures.search import history_figure, importance_figure, slices_figure
from fercli.studies.space import Searched
from fercli.studies.trials import Trial

SPACE = (Searched("rate", 0.001, 0.1, log=True), Searched("width", 8, 64), Searched("kind", choices=("a", None)))
VALUES = (0.5, 0.7, 0.4, 0.8, 0.6)
OPTIONS = {"rate": 0.01, "width": 8, "kind": None}
TRIALS = [
    Trial(
        number, "stopped early" if number == 2 else "finished", {"rate": 0.01, "width": 8, "kind": None}, {0: value}, {}
    )
    for number, value in enumerate(VALUES)
]


def line_of(figure):
    (line,) = figure.axes[0].lines
    return line.get_xdata(), line.get_ydata()


@pytest.mark.parametrize(("higher_is_better", "best"), [(True, [50, 70, 80, 80, 80]), (False, [50, 50, 50, 50, 50])])
def test_the_line_is_the_best_finished_trial_so_far(higher_is_better, best):
    numbers, values = line_of(history_figure(TRIALS, 100.0, "accuracy (%)", higher_is_better))
    assert list(numbers) == [0, 1, 3, 4, 4]
    np.testing.assert_allclose(values, best)


def test_bars_are_the_shares():
    figure = importance_figure({"rate": 0.75, "width": 0.25})
    assert [bar.get_width() for bar in figure.axes[0].patches] == [0.75, 0.25]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["rate", "width"]


def test_each_option_has_axes_with_every_trial_and_plain_numbers():
    figure = slices_figure(SPACE, TRIALS, TRIALS[3], 100.0, "accuracy (%)")
    assert [axes.get_xlabel() for axes in figure.axes] == ["rate", "width", "kind"]
    assert figure.axes[0].get_xscale() == "log"
    assert [label.get_text() for label in figure.axes[2].get_xticklabels()] == ["a", "null"]
    for axes in figure.axes:
        places = np.concatenate([dots.get_offsets() for dots in axes.collections])
        np.testing.assert_allclose(places[:, 1], [100 * value for value in VALUES])
    np.testing.assert_allclose(figure.axes[2].collections[0].get_offsets()[0], [1, 50])
    assert b"mathdefault" not in figure_bytes(figure, "svg")
    assert "0.01" in [label.get_text() for label in figure.axes[0].get_xticklabels()]
