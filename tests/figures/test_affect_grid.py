import numpy as np

from fercli.figures.affect_grid import Places, affect_grid_figure
from tests.figures.test_affect_errors import PREDICTED, TRUE


def words_above(axes):
    return [text.get_text() for text in axes.texts]


def test_each_image_stands_over_its_places_in_the_plane():
    images = [np.full((4, 4, 3), value, dtype=np.uint8) for value in (10, 20)]
    places = {"true": TRUE[2:], "one": PREDICTED[2:] * [1, -0.001], "other": PREDICTED[:2]}
    figure = affect_grid_figure(images, [Places(name, affect) for name, affect in places.items()], ["near", "far"])
    top, planes = figure.axes[:2], figure.axes[2:]
    assert [int(axes.images[0].get_array()[0, 0, 0]) for axes in top] == [10, 20]
    assert words_above(top[0]) == ["(-0.30, 0.20)", "(-0.20, 0.00)", "(0.10, 0.10)"]
    assert words_above(top[1]) == ["(0.60, 0.40)", "(0.30, 0.00)", "(0.40, 0.30)"]
    for i, axes in enumerate(planes):
        marks = {line.get_label(): line.get_xydata()[0] for line in axes.lines}
        for name, affect in places.items():
            np.testing.assert_array_equal(marks[name], affect[i])
    assert [axes.get_title() for axes in planes] == ["near", "far"]


def test_expressions_stand_before_the_numbers():
    image = np.zeros((4, 4), dtype=np.uint8)
    places = [Places("true", TRUE[3:], ["fear"]), Places("predicted", PREDICTED[3:], ["surprise"])]
    axes = affect_grid_figure([image], places, [""]).axes[0]
    assert words_above(axes) == ["fear (0.60, 0.40)", "surprise (0.30, 0.80)"]


def test_a_grid_may_be_empty():
    assert not any(axes.images for axes in affect_grid_figure([], [Places("true", np.zeros((0, 2)))], []).axes)
