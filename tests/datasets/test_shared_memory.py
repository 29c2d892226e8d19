from types import SimpleNamespace

import pytest
import torch

from fercli.batch import Batch
from fercli.datasets import shared_memory
from fercli.datasets.shared_memory import most_workers, require_shared_memory
from fercli.errors import ConfigError

ONE = Batch(["a"], torch.zeros(1, 3, 32, 32, dtype=torch.uint8), expression=torch.zeros(1, dtype=torch.int64))
NEED = (3 * 32 * 32 + 8) * 64 * 2 * 3  # of 3 workers with 2 batches of 64 each


@pytest.fixture
def free(monkeypatch):
    def say(number):
        monkeypatch.setattr(shared_memory.shutil, "disk_usage", lambda place: SimpleNamespace(free=number))

    return say


def test_batches_that_do_not_fit_are_refused_before_a_worker_dies(free, tmp_path):
    free(NEED - 1)
    with pytest.raises(ConfigError, match=r"trainer.num_workers=3 needs 1 MiB of shared memory .*num_workers=0"):
        require_shared_memory(ONE, 64, 3, tmp_path)


@pytest.mark.parametrize(
    ("room", "num_workers", "place"), [(NEED, 3, "."), (0, 0, "."), (0, 3, "no such place")], ids=str
)
def test_batches_that_fit_pass_and_without_workers_nothing_is_shared(free, tmp_path, room, num_workers, place):
    free(room)
    assert require_shared_memory(ONE, 64, num_workers, tmp_path / place) is None


@pytest.mark.parametrize(("room", "fit"), [(NEED, 3), (NEED - 1, 2), (0, 0)])
def test_as_many_workers_are_chosen_as_fit(free, tmp_path, room, fit):
    free(room)
    assert most_workers(ONE, 64, tmp_path) == fit
    assert most_workers(ONE, 64, tmp_path / "no such place") > 1000
