import numpy as np

from fercli.figures.votes import entropy_figure

PARTS = [
    {"above": None, "up_to": 0.0, "num_rows": 50, "value": 0.1, "low": 0.05, "high": 0.2},
    {"above": 0.0, "up_to": 0.5, "num_rows": 20, "value": 0.4, "low": 0.2, "high": 0.6},
]


def test_errors_with_their_intervals_stand_above_the_numbers_of_images():
    top, bottom = entropy_figure(PARTS).axes
    assert top.lines[0].get_ydata().tolist() == [0.1, 0.4]
    (bars,) = top.collections
    ends = [segment[:, 1].tolist() for segment in bars.get_segments()]
    assert np.allclose(ends, [[0.05, 0.2], [0.2, 0.6]])
    assert [bar.get_height() for bar in bottom.patches] == [50, 20]
    assert [label.get_text() for label in bottom.get_xticklabels()] == ["0 bits\n(all agree)", "up to 0.5 bits"]
