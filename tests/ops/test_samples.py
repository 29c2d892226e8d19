import numpy as np

from fercli.ops.samples import pick_of_each, pick_samples


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
