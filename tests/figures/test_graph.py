import numpy as np
import pytest

from fercli.figures.graph import edge_figure, graph_heat, graph_heat_figure, sampling_figure, strongest_edges

FACE = np.full((4, 4, 3), 90, dtype=np.uint8)
SCENE = np.full((4, 4, 3), 200, dtype=np.uint8)
# Two pixels, side by side, in either map.
WEIGHTS = np.array([[0.2, 0.0], [0.9, 0.4]])


def lines(axes):
    return axes.collections[0].get_segments()


def test_the_strongest_edges_come_first_and_no_edge_is_none():
    rows, columns = strongest_edges(WEIGHTS, 9)
    assert list(zip(rows, columns, strict=True)) == [(1, 0), (1, 1), (0, 0)]
    assert [len(side) for side in strongest_edges(WEIGHTS, 2)] == [2, 2]
    assert [len(side) for side in strongest_edges(np.zeros((3, 3)), 5)] == [0, 0]


def test_edges_join_the_middles_of_the_pixels():
    figure = edge_figure([FACE], [SCENE], [WEIGHTS], (1, 2), ["anger"], num_edges=2)
    (axes,) = figure.axes
    np.testing.assert_allclose(lines(axes), [[(0.75, 0.5), (1.6, 0.5)], [(0.75, 0.5), (2.1, 0.5)]])
    assert np.diff(axes.collections[0].get_linewidths())[0] < 0
    assert axes.get_title() == "anger"
    for image, pixels, left in zip(axes.images, (FACE, SCENE), (0, 1.35), strict=True):
        np.testing.assert_array_equal(image.get_array(), pixels)
        assert image.get_extent() == [left, left + 1, 1, 0]


def test_pixels_are_counted_row_by_row():
    kept = np.zeros((6, 6))
    kept[4, 2] = 1  # of three columns: second row, second; first row, third
    figure = edge_figure([FACE], [SCENE], [kept], (2, 3), ["a"])
    np.testing.assert_allclose(lines(figure.axes[0]), [[(0.5, 0.75), (1.35 + 5 / 6, 0.25)]])


def test_figures_without_edges_and_empty_cells():
    figure = edge_figure([FACE] * 4, [SCENE] * 4, [0 * WEIGHTS] * 4, (1, 2), list("abcd"))
    assert [axes.get_title() for axes in figure.axes] == ["a", "b", "c", "d", "", ""]
    assert all(len(lines(axes)) == 0 for axes in figure.axes[:4])


def test_heat_is_the_mean_over_the_face():
    similarity = np.array([[0.2, 0.1, 0, 0.4], [0.8, 0.4, 0, 0]])
    np.testing.assert_allclose(graph_heat(similarity, (2, 2)), [[1, 0.5], [0, 0.4]])
    assert (graph_heat(np.zeros((2, 4)), (2, 2)) == 0).all()


def test_heat_lies_over_the_scene():
    figure = graph_heat_figure([SCENE], [WEIGHTS], (1, 2), ["a"])
    _, gray, heat = figure.axes[0].images
    np.testing.assert_allclose(heat.get_array(), [WEIGHTS.mean(0) / WEIGHTS.mean(0).max()])
    assert heat.get_extent() == gray.get_extent()


def test_sampling_side_by_side():
    similarity = np.array([[0.2, 0.5], [0.9, 0.4]])
    figure = sampling_figure(similarity, WEIGHTS)
    drawn = [axes.images[0].get_array() for axes in figure.axes[:3]]
    for found, expected in zip(drawn, (similarity, WEIGHTS > 0, WEIGHTS), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert figure.axes[1].get_title() == "kept: 3 of 4"
    assert all(axes.images[0].get_clim() == (0, 1) for axes in figure.axes[:3])


@pytest.mark.parametrize("num_pixels", [2, 4, 49, 196])
def test_pixels_have_whole_numbers(num_pixels):
    figure = sampling_figure(*np.zeros((2, num_pixels, num_pixels)))
    for axes in figure.axes[:3]:
        for ticks in (axes.get_xticks(), axes.get_yticks()):
            assert len(ticks) >= 2
            assert (ticks == ticks.round()).all()
