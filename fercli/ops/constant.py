"""Small tables of numbers on the device of other tensors, without waiting for it."""

from typing import Any

import torch
from torch import Tensor


def constant(values: Any, device: torch.device) -> Tensor:
    """Return nested sequences of numbers as a tensor on a device.

    `torch.tensor(values, device=device)` gives the same numbers, but on a GPU it waits until all earlier work is done.
    """
    return torch.tensor(values).to(device, non_blocking=True)
