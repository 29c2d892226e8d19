import numpy as np

from fercli.samplers.shuffle import Shuffle


def test_every_row_comes_once(labels):
    order = Shuffle()(labels(np.zeros(100, dtype=np.int64)), 0, 0)
    assert order.dtype == np.int64
    assert sorted(order) == list(range(100))
