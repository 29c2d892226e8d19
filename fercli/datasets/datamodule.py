"""The rows of a run as data loaders that continue where a run stopped."""

from typing import Any

import numpy as np
import pytorch_lightning as pl
from torch.utils.data import DataLoader

from fercli.batch import Batch
from fercli.datasets.images import ImageRows
from fercli.datasets.labels import training_labels
from fercli.datasets.splits import Split
from fercli.datasets.store import Store
from fercli.samplers.batches import EpochBatches, Order


class FaceData(pl.LightningDataModule):
    """Training, validation and evaluation rows of one store.

    Args:
        sampler: gives the global order of the training rows from (labels, seed, epoch).
        batch_size: samples of one step over all processes together.
        channels: 3 for RGB, 1 for gray.
        with_mask: batches carry the mask of eyes and mouth.
    """

    def __init__(
        self,
        store: Store,
        split: Split,
        sampler: Order,
        batch_size: int,
        channels: int = 3,
        num_workers: int = 0,
        seed: int = 0,
        with_mask: bool = False,
    ):
        super().__init__()
        self.store = store
        self.split = split
        self.sampler = sampler
        self.batch_size = batch_size
        self.channels = channels
        self.num_workers = num_workers
        self.seed = seed
        self.with_mask = with_mask

    def train_batches(self, rank: int = 0, world_size: int = 1, position: Any = lambda: (0, 0)) -> EpochBatches:
        """The order in which one process sees the training rows."""
        return EpochBatches(
            sampler=self.sampler,
            labels=training_labels(self.store, self.split.train),
            batch_size=self.batch_size // world_size,
            seed=self.seed,
            rank=rank,
            world_size=world_size,
            position=position,
        )

    def train_dataloader(self) -> DataLoader[Batch]:
        """The training rows from where the trainer stands."""
        trainer = self.trainer
        assert trainer is not None

        def position() -> tuple[int, int]:
            return divmod(num_batches_done(trainer), len(batches))

        batches = self.train_batches(trainer.global_rank, trainer.world_size, position)
        return self.loader(self.split.train, batches)

    def val_dataloader(self) -> DataLoader[Batch] | list[Any]:
        """The validation rows, each on exactly one process; nothing where no epoch is chosen."""
        if len(self.split.validation) == 0:
            return []
        assert self.trainer is not None
        mine = np.arange(self.trainer.global_rank, len(self.split.validation), self.trainer.world_size)
        return self.loader(self.split.validation, self.chunks(mine))

    def rows_dataloader(self, rows: np.ndarray) -> DataLoader[Batch]:
        """Any rows of the store, in their order, on one process."""
        return self.loader(rows, self.chunks(np.arange(len(rows))))

    def chunks(self, positions: np.ndarray) -> list[list[int]]:
        """Positions in batches for a pass without gradients, which has memory for more than a training batch."""
        size = max(256, self.batch_size)
        return [positions[start : start + size].tolist() for start in range(0, len(positions), size)]

    def loader(self, rows: np.ndarray, batches: Any) -> DataLoader[Batch]:
        """A loader that decodes whole batches."""
        return DataLoader(
            ImageRows(self.store, rows, self.channels, self.with_mask),
            batch_sampler=batches,
            collate_fn=_as_it_is,
            num_workers=self.num_workers,
            persistent_workers=self.num_workers > 0,
        )


def num_batches_done(trainer: pl.Trainer) -> int:
    """Training batches that this process has finished since the beginning of the run, those before a stop included."""
    return trainer.fit_loop.epoch_loop.batch_progress.total.processed  # type: ignore[attr-defined]


def _as_it_is(batch: Any) -> Any:
    return batch
