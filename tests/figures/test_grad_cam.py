import numpy as np

from fercli.figures.grad_cam import grad_cam_figure

MAPS = [np.full((2, 3), share) for share in (0.1, 0.5, 1.0)]


def drawn(figure):
    """The arrays of each cell that shows something, by its place among all cells."""
    return {i: [image.get_array() for image in cell.images] for i, cell in enumerate(figure.axes[:-1]) if cell.images}


def test_each_image_stands_over_itself_in_gray_under_its_heat():
    images = [np.full((4, 4, 3), [30, 60, 90 + i], dtype=np.uint8) for i in range(3)]
    figure = grad_cam_figure(images, MAPS, ["a", "b", "c"], num_columns=2)
    cells = drawn(figure)
    assert list(cells) == [0, 1, 2, 3, 4, 6]  # two columns: a b, heat heat, c -, heat -
    assert [figure.axes[i].get_title() for i in (0, 1, 4)] == ["a", "b", "c"]
    for i, (above, below) in enumerate([(0, 2), (1, 3), (4, 6)]):
        np.testing.assert_array_equal(cells[above][0], images[i])
        np.testing.assert_allclose(cells[below][0], images[i].mean(2))
        np.testing.assert_array_equal(cells[below][1], MAPS[i])


def test_heat_covers_the_whole_image_on_one_scale():
    figure = grad_cam_figure([np.zeros((8, 6, 1), dtype=np.uint8)], MAPS[:1], ["a"])
    gray, heat = figure.axes[1].images
    assert heat.get_extent() == gray.get_extent()
    assert heat.get_clim() == (0, 1)
    assert gray.get_array().shape == (8, 6)


def test_an_empty_grid_is_drawn():
    assert drawn(grad_cam_figure([], [], [])) == {}
