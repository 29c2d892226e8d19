"""Check that the batches of workers fit into the shared memory of the machine; otherwise loading hangs."""

import shutil
import sys
from dataclasses import fields
from pathlib import Path

import torch

from fercli.batch import Batch
from fercli.errors import ConfigError

SHARED_MEMORY = Path("/dev/shm")
PREFETCH = 2  # batches that torch lets each worker prepare ahead


def require_shared_memory(one: Batch, batch_size: int, num_workers: int, place: Path = SHARED_MEMORY) -> None:
    """Make sure that the batches that workers prepare ahead fit.

    A worker without enough shared memory dies, and torch waits for it forever.

    Args:
        one: a batch of one sample.
        batch_size: samples of the largest batch.

    Raises:
        ConfigError: the batches do not fit; the message says what to do.
    """
    if not num_workers or not place.is_dir():  # other systems share memory in another way
        return
    need = _of_a_worker(one, batch_size) * num_workers
    free = shutil.disk_usage(place).free
    if need > free:
        raise ConfigError(
            f"trainer.num_workers={num_workers} needs {need / 2**20:,.0f} MiB of shared memory for batches of "
            f"{batch_size}, and {place} has {free / 2**20:,.1f} MiB free. Give trainer.num_workers=0 or a smaller "
            "trainer.batch_size, or start the container with more (docker run --shm-size=4g)"
        )


def most_workers(one: Batch, batch_size: int, place: Path = SHARED_MEMORY) -> int:
    """Return how many workers fit; as many as anybody asks for, where the system shares memory in another way."""
    if not place.is_dir():
        return sys.maxsize
    return shutil.disk_usage(place).free // max(1, _of_a_worker(one, batch_size))


def _of_a_worker(one: Batch, batch_size: int) -> int:
    """Bytes of the batches that a worker prepares ahead."""
    tensors = [value for field in fields(one) if isinstance(value := getattr(one, field.name), torch.Tensor)]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors) * batch_size * PREFETCH
