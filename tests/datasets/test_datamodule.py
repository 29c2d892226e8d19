from types import SimpleNamespace

import numpy as np
import pytest
import torch

from fercli.datasets import datamodule
from fercli.datasets.datamodule import FaceData
from fercli.datasets.labels import training_labels
from fercli.datasets.splits import Split
from fercli.samplers.shuffle import Shuffle

NUM_TRAIN, NUM_VALIDATION = 26, 11


@pytest.fixture
def data(write_store):
    """Rows 0 to 25 train, 26 to 36 validation, in batches of 8 over all processes."""
    rows = [{"split": "train", "expression": str(i % 2)} for i in range(NUM_TRAIN + NUM_VALIDATION)]
    train, validation = np.split(np.arange(len(rows)), [NUM_TRAIN])
    split = Split(train, validation, validation[:0], "test")
    return FaceData(write_store(rows), split, Shuffle(), batch_size=8, channels=1, seed=3)


def ids(loader):
    """The row numbers of each batch."""
    return [[int(name.removeprefix("row")) for name in batch.id] for batch in loader]


def at(data, rank=0, world_size=1, processed=0):
    """The data as one process has it, whose trainer has done so many steps."""
    progress = SimpleNamespace(total=SimpleNamespace(processed=processed))
    fit_loop = SimpleNamespace(epoch_loop=SimpleNamespace(batch_progress=progress))
    data.trainer = SimpleNamespace(global_rank=rank, world_size=world_size, fit_loop=fit_loop)
    return data


def test_training_rows_come_in_the_order_of_the_sampler(data):
    order = Shuffle()(training_labels(data.store, data.split.train), 3, 0).tolist()
    assert ids(at(data).train_dataloader()) == [order[:8], order[8:16], order[16:24], order[24:]]


def test_batches_are_the_rows_that_they_name(data):
    batch = next(iter(at(data).train_dataloader()))
    assert batch.image[:, 0, 0, 0].tolist() == [int(name.removeprefix("row")) for name in batch.id]
    assert batch.expression.tolist() == [int(name.removeprefix("row")) % 2 for name in batch.id]


@pytest.mark.parametrize("processed", [1, 3, 4, 6])
def test_training_continues_at_the_step_where_it_stopped(data, processed):
    epochs = [ids(at(data, processed=4 * epoch).train_dataloader()) for epoch in (0, 1)]
    assert epochs[0] != epochs[1]
    epoch, step = divmod(processed, 4)
    assert ids(at(data, processed=processed).train_dataloader()) == epochs[epoch][step:]


def test_processes_share_each_step(data):
    alone = ids(at(data).train_dataloader())
    shares = [ids(at(data, rank, 2).train_dataloader()) for rank in (0, 1)]
    together = [sorted(a + b) for a, b in zip(*shares, strict=True)]
    assert together == [sorted(batch) for batch in alone][: len(together)]
    assert len(alone) - len(together) <= 1  # a last step of one row a process is left out
    assert all(len(batch) == 4 for share in shares for batch in share[:-1])


@pytest.mark.parametrize("world_size", [1, 2, 3])
def test_each_validation_row_is_on_exactly_one_process(data, world_size):
    ranks = [ids(at(data, rank, world_size).val_dataloader()[0]) for rank in range(world_size)]
    rows = [row for rank in ranks for batch in rank for row in batch]
    assert sorted(rows) == list(range(NUM_TRAIN, NUM_TRAIN + NUM_VALIDATION))


def test_a_process_for_which_no_validation_row_is_left_repeats_one(data):
    """Or the trainer stops, and the other processes with it."""
    data.split = Split(data.split.train, data.split.validation[:2], data.split.evaluation, "test")
    rows = [ids(at(data, rank, 4).val_dataloader()[0]) for rank in range(4)]
    assert rows == [[[NUM_TRAIN]], [[NUM_TRAIN + 1]], [[NUM_TRAIN]], [[NUM_TRAIN]]]


def test_nothing_is_validated_where_nothing_is_chosen(data):
    data.split = Split(data.split.train, data.split.train[:0], data.split.validation, "test")
    assert at(data).val_dataloader() == []


def test_the_sampler_gets_the_labels_of_the_training_rows(data):
    seen = []
    data.sampler = lambda labels, seed, epoch: seen.append(labels) or np.arange(len(labels))
    data.split = Split(np.array([4, 1, 7]), data.split.validation, data.split.evaluation, "test")
    data.train_batches()
    assert seen[0].expression.tolist() == [0, 1, 1]


def test_masks_come_where_they_are_asked_for(data):
    assert next(iter(data.rows_dataloader(np.arange(3)))).mask is None
    data.with_mask = True
    assert next(iter(data.rows_dataloader(np.arange(3)))).mask.shape == (3, 6, 6)


def test_other_rows_come_in_their_order(data):
    assert ids(data.rows_dataloader(np.array([5, 30, 2]))) == [[5, 30, 2]]
    assert [len(chunk) for chunk in data.chunks(np.arange(600))] == [256, 256, 88]


def test_worker_processes_change_nothing(data):
    expected = list(at(data).train_dataloader())
    data.num_workers = 2
    found = list(at(data).train_dataloader())
    assert [batch.id for batch in found] == [batch.id for batch in expected]
    assert all(torch.equal(a.image, b.image) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize(("fit", "expected"), [(99, 1), (0, 0)])
def test_chosen_workers_are_no_more_than_batches_and_than_fit(data, monkeypatch, fit, expected):
    monkeypatch.setattr(datamodule, "most_workers", lambda one, batch_size: fit)
    data.num_workers, data.fewer_workers = 4, True
    assert data.rows_dataloader(np.arange(3)).num_workers == expected
