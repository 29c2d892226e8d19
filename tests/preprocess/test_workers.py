import operator
import signal
from functools import partial

import pytest

from fercli.errors import DataError
from fercli.preprocess.workers import map_parts

PARTS = [list(range(n)) for n in (3, 1, 4, 1, 5)]


@pytest.mark.parametrize("num_workers", [0, 1, 2])
def test_results_come_in_the_order_of_the_parts(num_workers):
    assert list(map_parts(len, PARTS, num_workers)) == [3, 1, 4, 1, 5]


def test_no_parts():
    assert list(map_parts(len, [], 2)) == []


def test_an_error_in_a_worker_arrives():
    with pytest.raises(TypeError):
        list(map_parts(partial(operator.concat, 5), PARTS, 1))


def test_a_killed_worker_is_explained():
    with pytest.raises(DataError, match="killed"):
        list(map_parts(signal.raise_signal, [signal.SIGKILL], 1))
