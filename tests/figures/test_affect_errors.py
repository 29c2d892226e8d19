import numpy as np
import pytest

from fercli.figures.affect_errors import (
    Places,
    affect_errors,
    affect_grid_figure,
    affect_prediction_figure,
    pick_affect_samples,
)

# The two series of valence have a CCC of 0.8421052632.
TRUE = np.array([[0.0, 0.1], [0.5, 0.3], [-0.3, 0.2], [0.6, 0.4]])
PREDICTED = np.array([[0.1, 0.1], [0.4, 0.3], [-0.2, 0.2], [0.3, 0.8]])


def test_errors_are_distances_in_the_plane():
    assert affect_errors(TRUE, PREDICTED) == pytest.approx([0.1, 0.1, 0.1, 0.5])


def test_predictions_are_drawn_against_the_truth_with_their_ccc():
    valence, arousal = affect_prediction_figure(TRUE, PREDICTED).axes
    np.testing.assert_array_equal(valence.collections[0].get_offsets(), np.stack([TRUE[:, 0], PREDICTED[:, 0]], 1))
    np.testing.assert_array_equal(arousal.collections[0].get_offsets(), np.stack([TRUE[:, 1], PREDICTED[:, 1]], 1))
    assert valence.get_title(loc="left") == "Valence: CCC 0.842"
    assert arousal.get_title(loc="left").startswith("Arousal: CCC 0.")


def test_predictions_outside_of_the_plane_are_seen():
    figure = affect_prediction_figure(TRUE, PREDICTED - 2)
    assert all(axes.get_ylim()[0] < -2.2 and axes.get_ylim()[1] > 1 for axes in figure.axes)


def test_the_smallest_and_the_largest_errors_are_picked_among_labelled_samples():
    error = np.array([0.3, np.nan, 0.1, 0.9, 0.5, 0.2, 0.4, 0.7])
    true = np.zeros((8, 2))
    predicted = np.stack([error, np.zeros(8)], 1)
    assert pick_affect_samples(true, predicted, num_each=2).tolist() == [2, 5, 7, 3]
    assert sorted(pick_affect_samples(true, predicted, num_each=5)) == [0, 2, 3, 4, 5, 6, 7]  # none twice


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
