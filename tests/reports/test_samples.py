import numpy as np

from fercli.reports.samples import pick_samples, sample_grid_plot


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
