from itertools import pairwise

import numpy as np

from fercli.figures.samples import image_rows_figure, sample_grid_figure


def test_right_samples_come_first_each_with_what_was_said():
    images = [np.full((4, 4, 3), value, dtype=np.uint8) for value in (10, 20, 30)]
    figure = sample_grid_figure(
        images, ["fear", "anger", "fear"], ["anger", "anger", "fear"], [0.6, 0.9, 0.8], num_columns=2
    )
    titles = [axes.get_title() for axes in figure.axes if axes.images]
    assert titles == ["anger\n90%", "fear\n80%", "fear\nnot anger 60%"]
    assert [int(axes.images[0].get_array()[0, 0, 0]) for axes in figure.axes if axes.images] == [20, 30, 10]


def test_gray_images_and_an_empty_grid_are_drawn():
    figure = sample_grid_figure([np.zeros((4, 4, 1), dtype=np.uint8)], ["a"], ["a"], [1.0])
    assert sum(bool(axes.images) for axes in figure.axes) == 1
    assert not any(axes.images for axes in sample_grid_figure([], [], [], []).axes)


LONG = "an expression that nobody can name in one word"


def test_each_row_of_images_stands_beside_its_name():
    rows = [[np.full((4, 4, 3), 10 * i + j, dtype=np.uint8) for j in range(3 - i)] for i in range(2)]
    figure = image_rows_figure(rows, ["fear", LONG], headers=["first", "second"])
    cells = np.array(figure.axes).reshape(2, 3)
    shown = [[int(cell.images[0].get_array()[0, 0, 0]) for cell in line if cell.images] for line in cells]
    assert shown == [[0, 1, 2], [10, 11]]
    assert [line[0].get_ylabel().replace("\n", " ") for line in cells] == ["fear", LONG]
    assert [cell.get_title() for cell in cells.flat] == ["first", "second", "", "", "", ""]


def test_names_lie_in_the_figure_beside_their_own_images():
    rows = [[np.zeros((4, 6, 3), dtype=np.uint8)] * 2, [np.zeros((8, 4, 1), dtype=np.uint8)] * 2] * 3
    figure = image_rows_figure(rows, [LONG, "fear", "Mercedes-Benz_SL-Class_Coupe_2009"] * 2, headers=["a", "b"])
    figure.draw_without_rendering()
    firsts = figure.axes[::2]
    names = [cell.yaxis.label.get_window_extent() for cell in firsts]
    assert all(name.x0 >= 0 and name.x1 <= cell.bbox.x0 for name, cell in zip(names, firsts, strict=True))
    assert all(above.y0 > below.y1 for above, below in pairwise(names))
    assert min(cell.bbox.height for cell in figure.axes) > 0.7 * figure.dpi  # the names leave room for images


def test_rows_may_have_no_image_and_there_may_be_no_row():
    for rows, names in (([[]], ["fear"]), ([], [])):
        assert not any(axes.images for axes in image_rows_figure(rows, names).axes)
