"""Gather the rows of all processes in every process, with a gradient."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function


def gather_rows(columns: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Return the columns with the rows of all processes: the first row of each rank, then the second, and so on.

    This is the order in which `fercli.samplers.batches` distributed the rows. A result that depends on the order is
    therefore the same as in one process. Every process must call this function, even without rows. If there is only one
    process, the columns are returned unchanged.

    Every process must compute the same loss from the rows. Its gradient is multiplied by the number of processes. After
    DDP averages the gradients over processes, they equal those of one process with all rows. The backward pass needs no
    communication, unlike `torch.distributed.nn.functional.all_gather`.

    Args:
        columns: each (B, ...). All columns of a process have the same B; B may differ between processes and may be 0.
    """
    if not columns or not has_others():
        return tuple(columns)
    count = torch.tensor([len(columns[0])], device=columns[0].device)
    counts = torch.cat(_all_gather(count)).cpu()
    return tuple(_Gather.apply(column, counts) for column in columns)


class _Gather(Function):
    @staticmethod
    def forward(ctx: Any, column: Tensor, counts: Tensor) -> Tensor:
        # Gathering needs equal lengths: the rows are padded, and `is_row` removes the padding.
        is_row = (torch.arange(int(counts.max()))[:, None] < counts).flatten()
        padded = column.new_zeros(int(counts.max()), *column.shape[1:])
        padded[: len(column)] = column
        rank = torch.distributed.get_rank()
        ctx.own = (is_row.cumsum(0) - 1)[rank :: len(counts)][: len(column)].to(column.device)
        rows = torch.stack(_all_gather(padded), 1).flatten(0, 1)
        return rows[is_row.nonzero().squeeze(1).to(column.device)]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (gradient,) = gradients
        return gradient[ctx.own] * torch.distributed.get_world_size(), None


def has_others() -> bool:
    """Whether this process is one of several."""
    is_joined = torch.distributed.is_available() and torch.distributed.is_initialized()
    return is_joined and torch.distributed.get_world_size() > 1


def _all_gather(tensor: Tensor) -> list[Tensor]:
    parts = [torch.empty_like(tensor) for _ in range(torch.distributed.get_world_size())]
    torch.distributed.all_gather(parts, tensor)
    return parts
