import os

import pytest
import torch

from fercli.config import compose
from fercli.engine.run_options import run_options
from fercli.engine.workers import num_workers


def workers(*options):
    return num_workers(run_options(compose("train", list(options))).trainer)


@pytest.fixture
def machine(monkeypatch):
    def has(cores, gpu):
        monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(cores)))
        monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)

    return has


@pytest.mark.parametrize(
    ("cores", "gpu", "options", "expected"),
    [
        (32, False, [], 0),
        (32, True, ["trainer.accelerator=cpu"], 0),
        (32, True, [], 8),
        (6, True, [], 5),
        (1, True, [], 0),
        (12, True, ["trainer.devices=4"], 2),
        (32, False, ["trainer.num_workers=3"], 3),
        (32, True, ["trainer.num_workers=0"], 0),
    ],
    ids=str,
)
def test_workers_decode_for_a_gpu_and_take_no_core_from_a_cpu(machine, cores, gpu, options, expected):
    machine(cores, gpu)
    assert workers(*options) == expected
