import numpy as np
import pytest

from fercli.figures.classes import class_counts_figure, class_recall_figure, confusion_matrix_figure
from fercli.figures.figure import EXPRESSION_COLORS

CLASSES = ["neutral", "fear", "anger"]
MATRIX = np.array([[8, 1, 1], [2, 5, 3], [0, 0, 4]])


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_cells_of_the_confusion_matrix_hold_share_of_the_row_and_count():
    axes = confusion_matrix_figure(MATRIX, CLASSES).axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), [[0.8, 0.1, 0.1], [0.2, 0.5, 0.3], [0, 0, 1]])
    assert texts(axes)[:4] == ["80%", "8", "10%", "1"]


def test_minority_classes_carry_a_dagger():
    axes = confusion_matrix_figure(MATRIX, CLASSES, minority=["fear"]).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["neutral", "fear †", "anger"]


def test_a_class_without_samples_is_an_empty_row_of_the_matrix():
    axes = confusion_matrix_figure(np.array([[3, 1], [0, 0]]), ["a", "b"]).axes[0]
    np.testing.assert_array_equal(axes.images[0].get_array()[1], [0, 0])


def test_many_classes_are_drawn_without_numbers():
    assert texts(confusion_matrix_figure(np.eye(20, dtype=int), [str(i) for i in range(20)]).axes[0]) == []


def test_counts_have_a_panel_per_split_in_the_colors_of_the_classes():
    figure = class_counts_figure({"train": np.array([1200, 30, 7]), "val": np.array([3, 2, 1])}, CLASSES)
    train, val = figure.axes
    assert [bar.get_height() for bar in train.patches] == [1200, 30, 7]
    assert texts(train) == ["1,200", "30", "7"]
    assert (train.get_title(loc="left"), val.get_title(loc="left")) == ("train: 1,237 images", "val: 6 images")
    from matplotlib.colors import to_rgba

    assert [bar.get_facecolor() for bar in val.patches] == [to_rgba(EXPRESSION_COLORS[name]) for name in CLASSES]


ENDS = np.array([[0.5, 0.2, 0.6], [0.9, 0.8, 1.0]])


def test_recall_bars_and_their_mean():
    axes = class_recall_figure(MATRIX, CLASSES, ENDS).axes[0]
    assert [bar.get_height() for bar in axes.patches] == pytest.approx([0.8, 0.5, 1.0])
    assert texts(axes) == ["dashed: mean class accuracy 76.7%"]
    segments = np.array(axes.collections[0].get_segments())
    np.testing.assert_allclose(segments[:, :, 1], ENDS.T)


def test_a_class_without_samples_has_no_recall_bar_and_does_not_count_in_the_mean():
    axes = class_recall_figure(np.array([[3, 1], [0, 0]]), ["a", "b"], ENDS[:, :2]).axes[0]
    assert [bar.get_height() for bar in axes.patches] == [0.75, 0]
    assert texts(axes) == ["dashed: mean class accuracy 75.0%"]
