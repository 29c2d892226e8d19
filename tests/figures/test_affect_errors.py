import numpy as np
import pytest

from fercli.figures.affect_errors import affect_errors, affect_prediction_figure, pick_affect_samples

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
