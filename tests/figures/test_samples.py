from itertools import pairwise

import numpy as np

from fercli.figures.samples import image_rows_figure, sample_grid_figure
from tests.figures.grids import cells_of, headers_of, images_of, rows_of, titles_of


def test_right_samples_come_first_each_with_what_was_said():
    images = [np.full((4, 4, 3), value, dtype=np.uint8) for value in (10, 20, 30)]
    figure = sample_grid_figure(
        images, ["fear", "anger", "fear"], ["anger", "anger", "fear"], [0.6, 0.9, 0.8], num_columns=2
    )
    assert titles_of(figure) == ["anger\n90%", "fear\n80%", "fear\nnot anger 60%"]
    assert [[int(image[0, 0, 0]) for image in line] for line in images_of(figure)] == [[20, 30], [10]]


def test_gray_images_and_an_empty_grid_are_drawn():
    figure = sample_grid_figure([np.zeros((4, 4, 1), dtype=np.uint8)], ["a"], ["a"], [1.0])
    assert len(cells_of(figure)) == 1
    assert not cells_of(sample_grid_figure([], [], [], []))


LONG = "an expression that nobody can name in one word"


def test_each_row_of_images_stands_beside_its_name():
    rows = [[np.full((4, 4, 3), 10 * i + j, dtype=np.uint8) for j in range(3 - i)] for i in range(2)]
    figure = image_rows_figure(rows, ["fear", LONG], headers=["first", "second"])
    shown = [(name, [int(image[0, 0, 0]) for image in images]) for name, images in rows_of(figure)]
    assert shown == [("fear", [0, 1, 2]), (LONG, [10, 11])]
    assert headers_of(figure) == ["first", "second"]


def test_names_lie_in_the_figure_beside_their_own_images():
    rows = [[np.zeros((4, 6, 3), dtype=np.uint8)] * 2, [np.zeros((8, 4, 1), dtype=np.uint8)] * 2] * 3
    figure = image_rows_figure(rows, [LONG, "fear", "Mercedes-Benz_SL-Class_Coupe_2009"] * 2, headers=["a", "b"])
    figure.draw_without_rendering()
    (axes,) = figure.axes
    names = [label.get_window_extent() for label in axes.get_yticklabels()]
    left = min(image.get_window_extent().x0 for image in axes.images)
    assert all(name.x0 >= 0 and name.x1 <= left for name in names)
    assert all(above.y0 > below.y1 for above, below in pairwise(names))
    assert axes.bbox.height > 0.7 * figure.dpi * len(rows)  # the names leave room for images


def test_rows_may_have_no_image_and_there_may_be_no_row():
    for rows, names in (([[]], ["fear"]), ([], [])):
        assert not cells_of(image_rows_figure(rows, names))
