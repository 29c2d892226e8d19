import numpy as np

from fercli.figures.cmc import cmc_figure


def test_each_curve_starts_at_rank_one_and_is_named_with_its_start_and_area():
    curves = {"softmax": np.array([0.5, 0.75, 1.0]), "density": np.array([0.9, 0.9, 0.9])}
    (axes,) = cmc_figure(curves, title="CAER").axes
    for line, curve in zip(axes.lines, curves.values(), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3])
        np.testing.assert_array_equal(line.get_ydata(), curve)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["softmax\nrank 1 50.0%, area 75.0%", "density\nrank 1 90.0%, area 90.0%"]
    assert axes.get_ylim()[0] < 0.5
