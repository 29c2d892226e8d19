import os
from dataclasses import replace

import pytest

from fercli.launch import devices as module
from fercli.launch.devices import VISIBLE, places, visible_devices


@pytest.fixture
def devices(monkeypatch):
    """Pretend that the machine has these devices."""
    return lambda *ids: monkeypatch.setattr(module, "visible_devices", lambda: list(ids))


def with_devices(cells, number):
    return [replace(cell, overrides=(*cell.overrides, f"trainer.devices={number}")) for cell in cells]


def test_without_devices_there_are_as_many_places_as_cores(small_plan, devices):
    devices()
    cores = len(os.sched_getaffinity(0))
    assert places(small_plan.cells) == [{}] * min(cores, len(small_plan.cells))
    assert places(small_plan.cells[:1]) == [{}]
    assert places(small_plan.cells, jobs=3) == [{}] * 3


def test_each_cell_has_a_device_to_itself(small_plan, devices):
    devices("0", "3", "5")
    assert places(small_plan.cells) == [{VISIBLE: "0"}, {VISIBLE: "3"}, {VISIBLE: "5"}]
    assert places(small_plan.cells[:2]) == [{VISIBLE: "0"}, {VISIBLE: "3"}]


def test_a_cell_of_two_devices_takes_two(small_plan, devices):
    devices("0", "1", "2", "3", "4")
    assert places(with_devices(small_plan.cells, 2)) == [{VISIBLE: "0,1"}, {VISIBLE: "2,3"}]
    assert places(with_devices(small_plan.cells, -1)) == [{VISIBLE: "0,1,2,3,4"}]


def test_more_jobs_than_devices_share_them(small_plan, devices):
    devices("0", "1")
    assert places(small_plan.cells, jobs=3) == [{VISIBLE: "0"}, {VISIBLE: "1"}, {VISIBLE: "0"}]


def test_trainings_on_the_processor_take_no_device(small_plan, devices):
    devices("0")
    cells = [replace(cell, overrides=(*cell.overrides, "trainer.accelerator=cpu")) for cell in small_plan.cells]
    assert places(cells, jobs=2) == [{}, {}]


def test_only_devices_that_this_process_sees_are_given_out(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.delenv(VISIBLE, raising=False)
    assert visible_devices() == ["0", "1"]
    monkeypatch.setenv(VISIBLE, "4,6")
    assert visible_devices() == ["4", "6"]
