import numpy as np

from fercli.figures.across import across_figure
from fercli.figures.figure import figure_bytes


def test_each_cell_says_its_number_and_a_frame_marks_the_diagonal():
    figure = across_figure(np.array([[0.2, np.nan], [0.4, 0.1]]), ["a", "b"], "error", 2, higher=False)
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.texts] == ["0.20", "not run", "0.40", "0.10"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("evaluated on", "trained on")
    assert len(axes.patches) == 2
    assert figure_bytes(figure, "png").startswith(b"\x89PNG")
