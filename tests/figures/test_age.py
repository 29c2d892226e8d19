import numpy as np
import pytest

from fercli.figures.age import age_figure

AGE = np.array([5.0, 12.9, 13.0, 45.0, 45.0, 70.0, np.nan, -1.0])
LABELS = np.array([0, 1, 1, 0, 0, 1, 0, 0])
CORRECT = np.array([True, False, True, True, False, True, True, True])
COLUMNS = {"expression": LABELS}


def bars(axes):
    """Height of each bar, a row for each call of `bar`."""
    return np.array([[bar.get_height() for bar in group] for group in axes.containers if len(group) == 7])


def test_shares_of_the_classes_add_up_in_every_group_that_has_images():
    mix = age_figure(AGE, COLUMNS, CORRECT, ["neutral", "fear"]).axes[0]
    np.testing.assert_array_equal(bars(mix), [[0.5, 0, 0, 0, 1, 0, 0], [0.5, 1, 0, 0, 0, 0, 1]])
    fear = mix.containers[1]
    assert [bar.get_y() for bar in fear][:2] == [0.5, 0]


def test_accuracy_of_every_group_and_of_all():
    right = age_figure(AGE, COLUMNS, CORRECT, ["neutral", "fear"]).axes[1]
    heights = [bar.get_height() for bar in right.patches]
    assert heights == [0.5, 1, 0, 0, 0.5, 0, 1]
    levels = [line.get_ydata() for line in right.lines if line.get_linestyle() == "--"]
    assert levels[0] == pytest.approx([4 / 6, 4 / 6])


def test_groups_are_named_with_their_numbers_and_what_is_left_out_is_said():
    figure = age_figure(AGE, COLUMNS, CORRECT, ["neutral", "fear"])
    for axes in figure.axes:
        words = [label.get_text() for label in axes.get_xticklabels()]
        assert words[:2] == ["0-12\n2", "13-19\n1"]
        assert words[-1] == "60+\n1"
    assert figure.get_supxlabel() == "2 images of unknown age are left out"
    assert age_figure(AGE[:6], {"expression": LABELS[:6]}, CORRECT[:6], ["neutral", "fear"]).get_supxlabel() == ""


def test_other_groups():
    mix, right = age_figure(AGE, COLUMNS, CORRECT, ["neutral", "fear"], edges=(10, 40)).axes
    assert [label.get_text() for label in mix.get_xticklabels()] == ["10-39\n2", "40+\n3"]
    assert [bar.get_height() for bar in right.patches] == pytest.approx([0.5, 2 / 3])


def test_accuracy_of_few_people_reaches_further():
    """Two images of one person in the group of 40 to 49 are not two people."""
    people = {"expression": LABELS, "subject": np.array([f"p{i % 4}" for i in range(8)], dtype=object)}
    age, correct = np.full(8, 45.0), np.array([True, False] * 4)
    reaches = []
    for columns in (COLUMNS, people):
        axes = age_figure(age, columns, correct, ["neutral", "fear"]).axes[1]
        low, high = next(segment for segment in axes.collections[0].get_segments() if len(segment))
        reaches.append(high[1] - low[1])
    assert reaches[1] > 1.2 * reaches[0]
