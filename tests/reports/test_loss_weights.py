import math

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from fercli.reports.figure import EXPRESSION_COLORS, figure_bytes
from fercli.reports.loss_weights import class_weights_plot, distance_weight_plot, focal_loss_plot, sweep_plot


def curves(figure):
    return {line.get_label(): line.get_xydata() for line in figure.axes[0].lines}


def test_focal_loss_has_a_curve_for_each_gamma():
    found = curves(focal_loss_plot([0, 2]))
    assert list(found) == ["gamma 0 (cross-entropy)", "gamma 2"]
    for gamma, points in zip((0, 2), found.values(), strict=True):
        np.testing.assert_allclose(points[:, 1], [-((1 - p) ** gamma) * math.log(p) for p in points[:, 0]], rtol=1e-9)


def test_class_weights_are_bars_in_the_colors_of_the_classes():
    axes = class_weights_plot(np.array([0.0507920, 0.5962684, 1.0]), ["neutral", "fear", "disgust"]).axes[0]
    assert [bar.get_height() for bar in axes.patches] == [0.0507920, 0.5962684, 1.0]
    assert [text.get_text() for text in axes.texts] == ["0.0508", "0.596", "1"]
    assert axes.patches[1].get_facecolor() == to_rgba(EXPRESSION_COLORS["fear"])


def test_distance_weights_fall_from_the_typical_sample_to_the_farthest():
    found = curves(distance_weight_plot())
    both, one = found["valence and arousal"], found["one of the two"]
    np.testing.assert_allclose(both[[0, -1]], [[0, 2], [2 * 2**0.5, 0]], atol=1e-12)
    np.testing.assert_allclose(one[[0, -1]], [[0, 1], [2, 0]], atol=1e-12)
    assert np.interp(1, *both.T) == pytest.approx(0.8357864376, abs=1e-4)


def test_a_sweep_shows_means_deviations_and_references():
    figure = sweep_plot(
        [0, 1, 5],
        {"DDA": (np.array([86.0, 86.5, 86.9]), np.array([0.1, np.nan, 0.3]))},
        {"center loss": 86.25, "softmax loss": 85.56},
    )
    (axes,) = figure.axes
    found = curves(figure)
    np.testing.assert_array_equal(found["DDA"], [[0, 86.0], [1, 86.5], [5, 86.9]])
    np.testing.assert_array_equal(found["center loss"][:, 1], [86.25, 86.25])
    bars = [segment[:, 1] for segment in axes.collections[0].get_segments()]
    np.testing.assert_allclose(bars, [[85.9, 86.1], [86.6, 87.2]])  # a single run has none
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "1", "5"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["DDA", "center loss", "softmax loss"]


def test_a_value_that_was_not_run_is_passed_over():
    found = curves(sweep_plot([1, 3, 5], {"DDA": (np.array([1.0, np.nan, 2.0]), np.full(3, np.nan))}))
    np.testing.assert_array_equal(found["DDA"], [[1, 1], [5, 2]])


@pytest.mark.parametrize("plot", [focal_loss_plot, distance_weight_plot])
def test_a_picture_is_always_the_same(plot):
    assert figure_bytes(plot(), "svg") == figure_bytes(plot(), "svg")
