"""How many processes decode images, by what the device needs."""

import os

from fercli.engine.run_options import TrainerOptions

MOST = 8  # for each GPU: more processes seldom help, and each needs memory


def on_gpu(trainer: TrainerOptions) -> bool:
    """Whether a training with these options uses an NVIDIA GPU."""
    import torch

    return trainer.accelerator in ("gpu", "cuda") or (trainer.accelerator == "auto" and torch.cuda.is_available())


def num_workers(trainer: TrainerOptions) -> int:
    """Return `trainer.num_workers` as a number.

    With `auto`, a training on a CPU decodes in its own process: other processes would take the same cores from it. On
    a GPU, each training process gets its share of the cores, less one for itself, and at most MOST.
    """
    if trainer.num_workers != "auto":
        return int(trainer.num_workers)
    if not on_gpu(trainer):
        return 0
    devices = trainer.devices if isinstance(trainer.devices, int) and trainer.devices > 0 else 1
    return max(0, min(MOST, len(os.sched_getaffinity(0)) // devices - 1))
