import numpy as np

from fercli.figures.folds import folds_figure


def test_each_fold_is_a_dot_beside_the_mean_and_the_pooled_number():
    values = {"center": np.array([80.0, 84.0, 85.0]), "DDA": np.array([81.0, 85.0])}
    figure = folds_figure(values, {"DDA": 83.5}, "accuracy (%)")
    (axes,) = figure.axes
    drawn = [line.get_xdata().tolist() for line in axes.lines]
    assert drawn == [[80, 84, 85], [83, 83], [81, 85], [83, 83], [83.5]]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["center", "DDA"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a fold", "mean", "pooled"]
