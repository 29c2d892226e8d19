"""Rows of all processes in each of them, with a gradient."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function


def gather_rows(columns: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The columns with the rows of all processes: the first row of each, by rank, then the second of each, and so on.

    This is the order from which `fercli.samplers.batches` has dealt them out, so that what depends on the order, too,
    is as in one process. Every process must call it, also one without rows. Without other processes, the columns as
    they are.

    The gradient is that of a loss which every process computes alike, times the number of processes: once gradients
    are averaged over processes, as DDP does, they are those of one process with all rows. Going back needs no
    communication, which `torch.distributed.nn.functional.all_gather` would.

    Args:
        columns: each (B, ...), with the same B in one process, and any B, 0 as well, in another.
    """
    if not columns or not _has_others():
        return tuple(columns)
    count = torch.tensor([len(columns[0])], device=columns[0].device)
    counts = torch.cat(_all_gather(count)).cpu()
    return tuple(_Gather.apply(column, counts) for column in columns)


class _Gather(Function):
    @staticmethod
    def forward(ctx: Any, column: Tensor, counts: Tensor) -> Tensor:
        # Gathering needs equal lengths, so the rows are padded, and the padding is left out by `is_row`.
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


def _has_others() -> bool:
    is_joined = torch.distributed.is_available() and torch.distributed.is_initialized()
    return is_joined and torch.distributed.get_world_size() > 1


def _all_gather(tensor: Tensor) -> list[Tensor]:
    parts = [torch.empty_like(tensor) for _ in range(torch.distributed.get_world_size())]
    torch.distributed.all_gather(parts, tensor)
    return parts
