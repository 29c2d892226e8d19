import numpy as np

from fercli.samplers.shuffle import Shuffle

LABELS = np.zeros(100, dtype=np.int64)


def test_every_row_comes_once():
    order = Shuffle()(LABELS, 0, 0)
    assert order.dtype == np.int64
    assert sorted(order) == list(range(100))


def test_order_depends_on_seed_and_epoch_alone():
    orders = {(seed, epoch): tuple(Shuffle()(LABELS, seed, epoch)) for seed in range(3) for epoch in range(3)}
    assert len(set(orders.values())) == 9
    assert orders[1, 2] == tuple(Shuffle()(LABELS, 1, 2))
