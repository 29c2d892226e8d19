"""Memory for large batches that is used again: the system gives new memory in pages, each of which takes time."""

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
