"""The batches of one process from the global order of a sampler, starting at any position."""

from collections.abc import Callable, Iterator
from math import ceil

import numpy as np
from torch.utils.data import Sampler

from fercli.batch import Labels

Order = Callable[[Labels, int, int], np.ndarray]


class EpochBatches(Sampler[list[int]]):
    """Batches of row numbers, the part of one rank.

    A step takes the next `batch_size * world_size` rows of the global order. Rank r gets every world_size-th of them,
    from the r-th on, so the rows of a step depend only on this product. All ranks have the same number of rows in every
    step. If the last step does not divide evenly, rows from the start of the order are repeated, fewer than world_size.

    If the last step would have one row per rank, it is left out, because batch normalization cannot train on it. Every
    epoch leaves out other rows.

    Args:
        sampler: (labels, seed, epoch) to the row numbers of one epoch.
        labels: labels of the N rows to draw from.
        batch_size: rows per step and rank.
        seed: of the order.
        rank: of this process, in [0, world_size).
        world_size: number of processes.
        position: called when an iteration starts; returns the epoch and the number of the first batch in it.
    """

    def __init__(
        self,
        sampler: Order,
        labels: Labels,
        batch_size: int,
        seed: int,
        rank: int,
        world_size: int,
        position: Callable[[], tuple[int, int]],
    ):
        self.sampler = sampler
        self.labels = labels
        self.batch_size = batch_size
        self.seed = seed
        self.rank = rank
        self.world_size = world_size
        self.position = position
        self.num_rows = len(sampler(labels, seed, 0))
        rows_per_rank = ceil(self.num_rows / world_size)
        alone = rows_per_rank % batch_size == 1 and rows_per_rank > batch_size > 1
        self.num_batches = rows_per_rank // batch_size if alone else ceil(rows_per_rank / batch_size)

    def __len__(self) -> int:
        """Batches per epoch."""
        return self.num_batches

    def __iter__(self) -> Iterator[list[int]]:
        """Yield the remaining batches of the epoch."""
        epoch, first = self.position()
        order = self.sampler(self.labels, self.seed, epoch)
        if len(order) != self.num_rows:
            raise ValueError(f"the sampler gave {len(order)} rows in epoch {epoch}, {self.num_rows} in epoch 0")
        step = self.batch_size * self.world_size
        even = np.resize(order, ceil(self.num_rows / self.world_size) * self.world_size)
        for batch in range(first, self.num_batches):
            yield even[batch * step : (batch + 1) * step][self.rank :: self.world_size].tolist()
