import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fercli.samplers.batches import EpochBatches
from fercli.samplers.shuffle import Shuffle

CASE = {"num_rows": st.integers(1, 60), "batch_size": st.integers(1, 9), "world_size": st.integers(1, 5)}


@pytest.fixture(scope="session")
def batches(labels):
    def make(num_rows, batch_size, rank=0, world_size=1, position=(0, 0), **options):
        known = labels(np.zeros(num_rows, dtype=np.int64))
        return EpochBatches(Shuffle(), known, batch_size, 7, rank, world_size, lambda: position, **options)

    return make


def leaves_out(num_rows, batch_size, world_size):
    """Whether the last step has one row per rank, and is therefore none."""
    each = -(-num_rows // world_size)
    return each > batch_size > 1 and each % batch_size == 1


@given(**CASE)
def test_ranks_together_have_every_row_and_repeat_fewer_than_one_each(batches, num_rows, batch_size, world_size):
    assume(not leaves_out(num_rows, batch_size, world_size))
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
    assume(not leaves_out(num_rows, batch_size, world_size) and not leaves_out(num_rows, batch_size * world_size, 1))
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


@pytest.mark.parametrize(
    ("num_rows", "batch_size", "world_size", "sizes"),
    [
        (10, 4, 1, [4, 4, 2]),
        (9, 4, 1, [4, 4]),  # not one row alone, on which batch normalization cannot train
        (10, 2, 2, [2, 2]),
        (1, 4, 1, [1]),  # there is nothing else
        (3, 1, 1, [1, 1, 1]),  # asked for
    ],
)
def test_a_single_last_row_is_left_out(batches, num_rows, batch_size, world_size, sizes):
    assert [len(batch) for batch in batches(num_rows, batch_size, 0, world_size)] == sizes


def test_a_sampler_that_changes_its_length_is_refused(labels):
    def growing(labels, seed, epoch):
        return np.arange(5 + epoch)

    grown = EpochBatches(growing, labels(np.zeros(5)), 2, 0, 0, 1, lambda: (1, 0))
    with pytest.raises(ValueError, match="6 rows in epoch 1, 5 in epoch 0"):
        list(grown)
