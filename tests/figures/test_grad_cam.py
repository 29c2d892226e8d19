import numpy as np

from fercli.figures.grad_cam import grad_cam_figure
from tests.figures.grids import cells_of, titles_of

MAPS = [np.full((2, 3), share) for share in (0.1, 0.5, 1.0)]


def test_each_image_stands_over_itself_in_gray_under_its_heat():
    images = [np.full((4, 4, 3), [30, 60, 90 + i], dtype=np.uint8) for i in range(3)]
    figure = grad_cam_figure(images, MAPS, ["a", "b", "c"], num_columns=2)
    assert titles_of(figure) == ["a", "b", "c"]
    lines = sorted({line for _, line in cells_of(figure)})
    assert [[column for column, other in sorted(cells_of(figure)) if other == line] for line in lines] == [
        [0, 1],
        [0, 1],
        [0],
        [0],
    ]  # two columns
    for i, image in enumerate(images):
        column, line = i % 2, 2 * (i // 2)
        (above,), (gray, heat) = (cells_of(figure)[column, lines[line + down]] for down in (0, 1))
        np.testing.assert_array_equal(above, image)
        np.testing.assert_allclose(gray, image.mean(2))
        np.testing.assert_array_equal(heat, MAPS[i])


def test_heat_covers_the_whole_image_on_one_scale():
    figure = grad_cam_figure([np.zeros((8, 6, 1), dtype=np.uint8)], MAPS[:1], ["a"])
    _, gray, heat = figure.axes[0].images
    assert heat.get_extent() == gray.get_extent()
    assert heat.get_clim() == (0, 1)
    assert gray.get_array().shape == (8, 6)


def test_an_empty_grid_is_drawn():
    assert cells_of(grad_cam_figure([], [], [])) == {}
