import numpy as np

from fercli.figures.false_alarms import false_alarm_figure


def test_false_alarms_have_a_line_for_each_persistence():
    rates = np.array([[0.9, 0.7], [0.4, 0.2], [0.0, 0.0]])
    (axes,) = false_alarm_figure([0.8, 0.9, 1.0], [1, 32], rates).axes
    np.testing.assert_array_equal([line.get_ydata() for line in axes.lines], rates.T)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["1 window", "32 windows"]
