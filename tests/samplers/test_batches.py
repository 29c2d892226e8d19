import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fercli.errors import ConfigError
from fercli.samplers.batches import EpochBatches
from fercli.samplers.shuffle import Shuffle

CASE = {"num_rows": st.integers(1, 60), "batch_size": st.integers(1, 9), "world_size": st.integers(1, 5)}


@pytest.fixture(scope="session")
def batches(labels):
    def make(num_rows, batch_size, rank=0, world_size=1, position=(0, 0), **options):
        known = labels(np.zeros(num_rows, dtype=np.int64))
        return EpochBatches(Shuffle(), known, batch_size, 7, rank, world_size, lambda: position, **options)

    return make


@given(**CASE)
def test_ranks_together_have_every_row_and_repeat_fewer_than_one_each(batches, num_rows, batch_size, world_size):
    ranks = [list(batches(num_rows, batch_size, rank, world_size)) for rank in range(world_size)]
    rows = [row for rank in ranks for batch in rank for row in batch]
    assert set(rows) == set(range(num_rows))
    assert len(rows) - num_rows < world_size
    if num_rows % world_size == 0:
        assert len(rows) == num_rows


@given(**CASE)
def test_ranks_step_together(batches, num_rows, batch_size, world_size):
    ranks = [batches(num_rows, batch_size, rank, world_size) for rank in range(world_size)]
    sizes = [[len(batch) for batch in rank] for rank in ranks]
    assert all(size == sizes[0] for size in sizes)
    assert len(ranks[0]) == len(sizes[0])
    assert all(size == batch_size for size in sizes[0][:-1])


@given(**CASE)
def test_a_step_has_the_same_rows_on_any_number_of_ranks(batches, num_rows, batch_size, world_size):
    ranks = zip(*(batches(num_rows, batch_size, rank, world_size) for rank in range(world_size)), strict=True)
    alone = list(batches(num_rows, batch_size * world_size))
    for shares, whole in zip(ranks, alone, strict=True):
        together = [row for share in shares for row in share]
        assert set(together) >= set(whole)
        if len(whole) == batch_size * world_size:
            assert sorted(together) == sorted(whole)


@given(**CASE, epoch=st.integers(0, 3), data=st.data())
def test_a_position_gives_exactly_the_tail(batches, num_rows, batch_size, world_size, epoch, data):
    whole = list(batches(num_rows, batch_size, 0, world_size, (epoch, 0)))
    first = data.draw(st.integers(0, len(whole)))
    assert list(batches(num_rows, batch_size, 0, world_size, (epoch, first))) == whole[first:]


def test_the_position_is_asked_at_every_start(labels):
    positions = iter([(0, 0), (1, 0), (0, 0)])
    epochs = EpochBatches(Shuffle(), labels(np.zeros(20)), 4, 0, 0, 1, lambda: next(positions))
    first, second, again = list(epochs), list(epochs), list(epochs)
    assert first == again != second


def test_drop_last(batches):
    assert [len(batch) for batch in batches(10, 4, drop_last=True)] == [4, 4]
    assert [len(batch) for batch in batches(10, 4)] == [4, 4, 2]
    with pytest.raises(ConfigError, match="at least one whole batch of 16 rows, found 10"):
        batches(10, 4, world_size=4, drop_last=True)


def test_a_sampler_that_changes_its_length_is_refused(labels):
    def growing(labels, seed, epoch):
        return np.arange(5 + epoch)

    grown = EpochBatches(growing, labels(np.zeros(5)), 2, 0, 0, 1, lambda: (1, 0))
    with pytest.raises(ValueError, match="6 rows in epoch 1, 5 in epoch 0"):
        list(grown)
