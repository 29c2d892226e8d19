"""Memory that is used again: the system gives new memory in pages, each of which takes time."""

import math
import threading
import weakref

import numpy as np
import torch
from torch import Tensor

LARGE = 2**25  # bytes; smaller blocks are kept by the memory allocator of C
MOST_BLOCKS = 2  # that are kept: faces and scenes

_lock = threading.Lock()
_blocks: list[tuple[np.ndarray, "weakref.ref[np.ndarray]"]] = []  # each with the array that was last made of it


def empty_floats(shape: tuple[int, ...]) -> Tensor:
    """Return a float32 tensor of any content on the CPU, in memory that no other tensor or array refers to."""
    size = math.prod(shape)
    if 4 * size < LARGE:
        return torch.empty(shape)
    with _lock:
        free = [block for block, used in _blocks if used() is None and block.size == size]
        # NumPy, unlike torch, asks for large pages.
        block = free[0] if free else np.empty(size, np.float32)
        array = block.reshape(shape)  # a tensor of it keeps this very object, until nothing refers to its memory
        others = [kept for kept in _blocks if kept[0] is not block]
        _blocks[:] = [*others, (block, weakref.ref(array))][-MOST_BLOCKS:]
        return torch.from_numpy(array)


def keep_freed_memory() -> None:
    """Let this process reuse the memory of intermediate results; otherwise they are a quarter of the CPU time.

    glibc returns large free blocks to the system, which fills every page with zeros when it is asked for it again. It
    keeps up to twice the size of the largest block that was freed so far, so one block of nearly 32 MiB, the largest
    that it counts, is asked for and freed. Other C libraries ignore this.
    """
    np.empty(LARGE - 2**16, np.uint8)
