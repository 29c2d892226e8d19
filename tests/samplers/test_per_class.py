import numpy as np
import pytest

from fercli.errors import ConfigError, DataError
from fercli.samplers.per_class import PerClass

CLASSES = np.repeat([0, 1, 2, 5], [50, 30, 10, 3])


@pytest.fixture
def batches(labels):
    """The rows of an epoch as (batches, P, K)."""

    def make(num_classes, num_samples, classes=CLASSES, epoch=0):
        order = PerClass(num_classes * num_samples, num_samples)(labels(classes), 0, epoch)
        return order.reshape(-1, num_classes, num_samples)

    return make


def test_a_batch_has_k_samples_of_each_of_p_classes(batches):
    drawn = CLASSES[batches(3, 4)]
    assert (drawn == drawn[:, :, :1]).all()
    assert all(len(set(batch)) == 3 for batch in drawn[:, :, 0])


def test_an_epoch_has_as_many_whole_batches_as_rows_fill(batches):
    assert len(batches(3, 4)) == 93 // 12
    assert len(batches(2, 30)) == 1
    assert len(batches(4, 100)) == 1  # fewer rows than a batch


def test_all_classes_get_their_turn(batches):
    turns = np.bincount(np.concatenate([CLASSES[batches(2, 2, epoch=epoch)][:, :, 0].ravel() for epoch in range(50)]))
    assert turns[[0, 1, 2, 5]] / turns.sum() == pytest.approx([0.25] * 4, abs=0.03)


def test_a_class_repeats_rows_only_where_it_must(batches):
    drawn = batches(4, 4)
    for batch in drawn:
        for rows in batch:
            assert len(set(rows)) == min(4, np.sum(CLASSES[rows[0]] == CLASSES))
    first_class = drawn[CLASSES[drawn[:, :, 0]] == 0].ravel()
    assert len(set(first_class)) == len(first_class) == 20


def test_processes_share_the_samples_of_each_class(batches):
    batch = batches(3, 4)[0].ravel()
    for rank in (0, 1):
        assert sorted(np.unique(CLASSES[batch[rank::2]], return_counts=True)[1]) == [2, 2, 2]


def test_a_batch_that_cannot_be_divided_is_refused():
    with pytest.raises(ConfigError, match=r"batch_size as a multiple of sampler\.num_samples; found 35 and 8"):
        PerClass(35, 8)
    with pytest.raises(ConfigError, match=r"expected sampler\.num_samples as a whole number, at least 1; found 0"):
        PerClass(32, 0)


def test_too_few_classes_are_refused(labels):
    with pytest.raises(ConfigError, match=r"needs 8 classes in each batch, and the training rows have 4; take .*=32"):
        PerClass(64, 8)(labels(CLASSES), 0, 0)


@pytest.mark.parametrize("name", ["session", "subject"])
def test_sittings_and_people_can_stand_for_classes(labels, name):
    known = labels(expression=[0] * 7, **{name: [0, 0, 1, 1, 2, 2, -1]})
    rows = PerClass(batch_size=4, num_samples=2, of=name)(known, seed=0, epoch=0)
    assert len(rows) == 4
    found = getattr(known, name)[rows].reshape(-1, 2, 2)
    assert (found[:, :, 0] == found[:, :, 1]).all()
    assert (found >= 0).all()


def test_what_cannot_be_drawn_by_is_refused(labels):
    with pytest.raises(ConfigError, match=r"no sampler.of named 'score'; choices: expression, session, subject"):
        PerClass(batch_size=4, num_samples=2, of="score")
    with pytest.raises(DataError, match="draws by 'session', which no training row carries"):
        PerClass(batch_size=4, num_samples=2, of="session")(labels(expression=[0, 1]), seed=0, epoch=0)
