import numpy as np

from fercli.figures.attention import attention_figure


def test_each_sample_has_a_panel_named_by_its_class_and_number():
    attention = np.random.default_rng(0).random((4, 16))
    figure = attention_figure(attention, np.array([0, 1, 0, 1]), ["neutral", "surprise"])
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["neutral 1", "surprise 1", "neutral 2", "surprise 2"]
    for axes, weights in zip(figure.axes, attention, strict=True):
        np.testing.assert_array_equal(axes.lines[0].get_ydata(), weights)
        assert axes.lines[1].get_ydata()[0] == weights.mean()
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
