import numpy as np

from fercli.figures.sweep import sweep_figure


def curves(figure):
    return {line.get_label(): line.get_xydata() for line in figure.axes[0].lines}


def test_a_sweep_shows_means_deviations_and_references():
    figure = sweep_figure(
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
    found = curves(sweep_figure([1, 3, 5], {"DDA": (np.array([1.0, np.nan, 2.0]), np.full(3, np.nan))}))
    np.testing.assert_array_equal(found["DDA"], [[1, 1], [5, 2]])
