import numpy as np
import pytest
from matplotlib.patches import Rectangle

from fercli.figures.patches import gate_figure, gate_heat, gates_by_severity_figure, patch_figure
from fercli.ops.patches import USED
from fercli.ops.template import template_landmarks
from fercli.scales import BDI_II

FACE = np.full((224, 224, 3), 128, dtype=np.uint8)
LANDMARKS = template_landmarks(224, 0.1)


def centers(n=1):
    """As in a batch of faces whose patches lie on a grid."""
    grid = np.array([(16 + 32 * column, 16 + 32 * row) for row in range(4) for column in range(6)], dtype=float)
    return np.repeat(grid[None], n, axis=0)


def numbers(panel):
    return [int(text.get_text()) for text in panel.texts]


def test_patches_are_numbered_and_drawn_where_they_are_cut():
    all_points, used, patches, windows = patch_figure(FACE, LANDMARKS).axes
    np.testing.assert_allclose(all_points.collections[0].get_offsets(), LANDMARKS)
    assert numbers(used) == list(USED)
    assert numbers(patches) == list(range(1, 25))
    titles = [panel.get_title(loc="left") for panel in (all_points, used, patches, windows)]
    assert titles == ["68 landmarks", "26 of them", "24 centers", "24 windows"]
    boxes = [patch for patch in windows.patches if isinstance(patch, Rectangle)]
    assert len(boxes) == 24
    drawn = patches.collections[0].get_offsets()
    for box, (x, y) in zip(boxes, drawn, strict=True):
        assert (box.get_width(), box.get_height()) == (48, 48)
        assert (box.get_x() + 0.5) % 8 == (box.get_y() + 0.5) % 8 == 0
        assert abs(box.get_x() + 24 - x) <= 4
        assert abs(box.get_y() + 24 - y) <= 4


def test_heat_is_the_mean_over_the_windows_that_cover_a_pixel():
    points, gates = np.full((24, 2), 500.0), np.zeros(24)  # outside of the image
    points[:2] = [(24, 24), (48, 24)]  # windows from 0 to 48 and from 24 to 72, both to 48
    gates[:2] = [0.2, 0.8]
    heat = gate_heat(points, gates, 96)
    expected = np.full((96, 96), np.nan)
    expected[:48, :24], expected[:48, 24:48], expected[:48, 48:72] = 0.2, 0.5, 0.8
    np.testing.assert_allclose(heat, expected)


def test_heat_of_a_window_beyond_the_border():
    points, gates = np.full((24, 2), -500.0), np.zeros(24)
    points[0], gates[0] = (8, 8), 0.7  # from -16 to 32
    heat = gate_heat(points, gates, 96)
    np.testing.assert_allclose(heat[:32, :32], 0.7)
    assert np.isfinite(heat).sum() == 32 * 32


def test_gates_are_painted_over_faces_and_that_of_the_whole_is_a_bar():
    gates = np.random.default_rng(0).random((3, 25))
    figure = gate_figure([FACE, FACE[..., 0], FACE[..., :1]], centers(3), gates, ["a", "b", "c"], num_columns=2)
    faces = [axes for axes in figure.axes if axes.get_title(loc="center")]
    assert [axes.get_title(loc="center") for axes in faces] == ["a", "b", "c"]
    for axes, row in zip(faces, gates, strict=True):
        np.testing.assert_array_equal(axes.collections[0].get_array(), row[:24])
        np.testing.assert_array_equal(axes.images[1].get_array(), gate_heat(centers()[0], row[:24], 224))
    bars = [axes for axes in figure.axes if len(axes.patches) == 2]
    assert [axes.patches[1].get_width() for axes in bars] == gates[:, 24].tolist()


def test_without_a_gate_of_the_whole_there_is_no_bar():
    figure = gate_figure([FACE], centers(), np.full((1, 24), 0.5), ["a"])
    assert not [axes for axes in figure.axes if len(axes.patches) == 2]


def test_mean_gates_of_each_severity():
    rng = np.random.default_rng(0)
    gates, score = rng.random((6, 25)), np.array([0.0, 13, 14, 40, 63, np.nan])
    figure = gates_by_severity_figure(gates, score, BDI_II)
    lines = {line.get_label(): line.get_ydata() for line in figure.axes[0].lines}
    assert list(lines) == ["none or minimal (2)", "mild (1)", "severe (2)"]
    np.testing.assert_allclose(lines["none or minimal (2)"], gates[:2].mean(0))
    np.testing.assert_allclose(lines["mild (1)"], gates[2])
    np.testing.assert_allclose(lines["severe (2)"], gates[3:5].mean(0))
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == [*map(str, range(1, 25)), "whole"]


def test_mean_gates_of_patches_alone():
    figure = gates_by_severity_figure(np.full((2, 24), 0.5), np.array([3.0, 30]), BDI_II)
    assert len(figure.axes[0].get_xticklabels()) == 24


@pytest.mark.parametrize("num_gates", [1, 23])
def test_other_numbers_of_gates_are_refused(num_gates):
    with pytest.raises(AssertionError):
        gates_by_severity_figure(np.zeros((2, num_gates)), np.zeros(2), BDI_II)
