"""How many cells this machine runs at a time, and on which devices."""

import os
from collections.abc import Sequence

from fercli.config import compose
from fercli.engine.run_options import run_options
from fercli.studies.cell import PlannedCell

VISIBLE = "CUDA_VISIBLE_DEVICES"


def places(cells: Sequence[PlannedCell], jobs: int | None = None) -> list[dict[str, str]]:
    """Return one environment for each cell that runs at a time; it shows the process the devices that it may use.

    Each cell gets `trainer.devices` devices, so the number of devices limits the number of cells. Without devices, the
    number of CPU cores limits it.

    Args:
        cells: the cells to run.
        jobs: number of cells at a time instead; they share devices if there are too few.
    """
    device_ids = visible_devices()
    asked = [] if not device_ids else [_num_devices(cell, len(device_ids)) for cell in _one_per_row(cells)]
    if not device_ids or not any(asked):
        return [{}] * (jobs or min(len(cells), num_cores()) or 1)
    each = min(max(asked), len(device_ids))
    groups = [device_ids[start : start + each] for start in range(0, len(device_ids) - each + 1, each)]
    count = jobs or min(len(cells), len(groups)) or 1
    return [{VISIBLE: ",".join(groups[i % len(groups)])} for i in range(count)]


def visible_devices() -> list[str]:
    """Return the ids of the CUDA devices that a process started from here sees."""
    import torch

    named = os.environ.get(VISIBLE)
    count = torch.cuda.device_count()
    return named.split(",")[:count] if named is not None else [str(i) for i in range(count)]


def num_cores() -> int:
    """Number of CPU cores that this process may use; the machine may have more."""
    return len(os.sched_getaffinity(0))


def _one_per_row(cells: Sequence[PlannedCell]) -> list[PlannedCell]:
    return list({cell.label: cell for cell in cells}.values())


def _num_devices(cell: PlannedCell, all_devices: int) -> int:
    """Return the number of devices of one training; 0 for a training on the CPU."""
    trainer = run_options(compose("train", cell.overrides, cell.config_dirs)).trainer
    if trainer.accelerator == "cpu":
        return 0
    return trainer.devices if isinstance(trainer.devices, int) and trainer.devices > 0 else all_devices
