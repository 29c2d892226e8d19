"""From the global order of a sampler to the batches of one process, from any position on."""

from collections.abc import Callable, Iterator
from math import ceil

import numpy as np
from torch.utils.data import Sampler

from fercli.batch import Labels

Order = Callable[[Labels, int, int], np.ndarray]


class EpochBatches(Sampler[list[int]]):
    """Batches of row numbers, the part of one rank.

    Step i takes the same `batch_size * world_size` rows of the global order however many ranks share them: rank r has
    every world_size-th of them from the r-th on. All ranks have equally many rows in every step; where the last step
    does not come out even, rows from the start of the order are taken again (fewer than world_size). A last step
    of one row per rank is left out, another in each epoch, because batch normalization cannot train on it.

    Args:
        sampler: (labels, seed, epoch) to the row numbers of one epoch.
        labels: of the N rows to draw from.
        batch_size: rows per step and rank.
        seed: of the order.
        rank: of this process, in [0, world_size).
        world_size: number of processes.
        position: gives the epoch and the first batch of it, whenever an iteration starts.
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
        """The batches that are left of the epoch."""
        epoch, first = self.position()
        order = self.sampler(self.labels, self.seed, epoch)
        if len(order) != self.num_rows:
            raise ValueError(f"the sampler gave {len(order)} rows in epoch {epoch}, {self.num_rows} in epoch 0")
        step = self.batch_size * self.world_size
        even = np.resize(order, ceil(self.num_rows / self.world_size) * self.world_size)
        for batch in range(first, self.num_batches):
            yield even[batch * step : (batch + 1) * step][self.rank :: self.world_size].tolist()
