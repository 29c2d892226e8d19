from itertools import pairwise

import numpy as np

from fercli.reports.samples import image_rows_plot, pick_of_each, pick_samples, sample_grid_plot


def test_picks_are_right_and_wrong_as_asked_and_repeatable():
    correct = np.random.default_rng(0).random(100) < 0.9
    right, wrong = pick_samples(correct, num_each=12, seed=3)
    assert len(right) == 12
    assert correct[right].all()
    assert not correct[wrong].any()
    assert len(set(right)) == 12
    again, _ = pick_samples(correct, num_each=12, seed=3)
    np.testing.assert_array_equal(right, again)


def test_there_may_be_fewer_wrong_samples_than_asked():
    _, wrong = pick_samples(np.array([True, True, False]), num_each=12)
    assert wrong.tolist() == [2]


def test_right_samples_come_first_each_with_what_was_said():
    images = [np.full((4, 4, 3), value, dtype=np.uint8) for value in (10, 20, 30)]
    figure = sample_grid_plot(
        images, ["fear", "anger", "fear"], ["anger", "anger", "fear"], [0.6, 0.9, 0.8], num_columns=2
    )
    titles = [axes.get_title() for axes in figure.axes if axes.images]
    assert titles == ["anger\n90%", "fear\n80%", "fear\nnot anger 60%"]
    assert [int(axes.images[0].get_array()[0, 0, 0]) for axes in figure.axes if axes.images] == [20, 30, 10]


def test_gray_images_and_an_empty_grid_are_drawn():
    figure = sample_grid_plot([np.zeros((4, 4, 1), dtype=np.uint8)], ["a"], ["a"], [1.0])
    assert sum(bool(axes.images) for axes in figure.axes) == 1
    assert not any(axes.images for axes in sample_grid_plot([], [], [], []).axes)


def test_picks_of_each_class_are_of_it_and_repeatable():
    labels = np.random.default_rng(0).integers(-1, 3, 100)
    labels[labels == 1] = -1
    labels[7] = 1
    picked = pick_of_each(labels, num_classes=4, num_each=8, seed=3)
    assert [len(rows) for rows in picked] == [8, 1, 8, 0]
    assert all((labels[rows] == index).all() for index, rows in enumerate(picked))
    assert len(set(picked[0])) == 8
    assert sorted(picked[0]) != np.flatnonzero(labels == 0)[:8].tolist()  # not the first ones
    again = pick_of_each(labels, num_classes=4, num_each=8, seed=3)
    assert [rows.tolist() for rows in again] == [rows.tolist() for rows in picked]


LONG = "an expression that nobody can name in one word"


def test_each_row_of_images_stands_beside_its_name():
    rows = [[np.full((4, 4, 3), 10 * i + j, dtype=np.uint8) for j in range(3 - i)] for i in range(2)]
    figure = image_rows_plot(rows, ["fear", LONG], headers=["first", "second"])
    cells = np.array(figure.axes).reshape(2, 3)
    shown = [[int(cell.images[0].get_array()[0, 0, 0]) for cell in line if cell.images] for line in cells]
    assert shown == [[0, 1, 2], [10, 11]]
    assert [line[0].get_ylabel().replace("\n", " ") for line in cells] == ["fear", LONG]
    assert [cell.get_title() for cell in cells.flat] == ["first", "second", "", "", "", ""]


def test_names_lie_in_the_picture_beside_their_own_images():
    rows = [[np.zeros((4, 6, 3), dtype=np.uint8)] * 2, [np.zeros((8, 4, 1), dtype=np.uint8)] * 2] * 3
    figure = image_rows_plot(rows, [LONG, "fear", "Mercedes-Benz_SL-Class_Coupe_2009"] * 2, headers=["a", "b"])
    figure.draw_without_rendering()
    firsts = figure.axes[::2]
    names = [cell.yaxis.label.get_window_extent() for cell in firsts]
    assert all(name.x0 >= 0 and name.x1 <= cell.bbox.x0 for name, cell in zip(names, firsts, strict=True))
    assert all(above.y0 > below.y1 for above, below in pairwise(names))
    assert min(cell.bbox.height for cell in figure.axes) > 0.7 * figure.dpi  # the names leave room for images


def test_rows_may_have_no_image_and_there_may_be_no_row():
    for rows, names in (([[]], ["fear"]), ([], [])):
        assert not any(axes.images for axes in image_rows_plot(rows, names).axes)
