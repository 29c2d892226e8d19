"""Data loaders for the rows of a run; training continues where the run stopped."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pytorch_lightning as pl
from torch.utils.data import DataLoader

from fercli.batch import Batch, Labels
from fercli.datasets.clips import clips
from fercli.datasets.images import ImageRows
from fercli.datasets.labels import training_labels
from fercli.datasets.noise.noisy import NoisyLabels
from fercli.datasets.shared_memory import most_workers, require_shared_memory
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
        with_context: batches carry the scene around the face.
        hide_face: the face is blacked out in that scene.
        meter: also predict the evaluation rows at each validation, see `fercli.engine.meter`.
        num_workers: processes that decode images; 0 decodes in this process.
        fewer_workers: use fewer where shared memory does not suffice for all, and no more than there are batches.
        pin_memory: copy each batch into memory from which a GPU reads without waiting.
        clip: None for single images, or `length` and `stride` of clips, see `fercli.datasets.clips`.
        noise: labels of training rows that a training reads in place of those of the store.
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
        with_context: bool = False,
        hide_face: bool = False,
        meter: bool = False,
        clip: Mapping[str, int] | None = None,
        fewer_workers: bool = False,
        pin_memory: bool = False,
        noise: NoisyLabels | None = None,
    ):
        super().__init__()
        self.store = store
        self.split = split
        self.sampler = sampler
        self.batch_size = batch_size
        self.channels = channels
        self.num_workers = num_workers
        self.fewer_workers = fewer_workers
        self.pin_memory = pin_memory
        self.seed = seed
        self.with_mask = with_mask
        self.with_context = with_context
        self.hide_face = hide_face
        self.meter = meter
        self.clip = clip
        self.noise = noise

    @cached_property
    def training(self) -> Store:
        """The store as the training reads it: with noisy labels, if there are any. Evaluation reads `store`."""
        return self.store if self.noise is None else self.noise.applied(self.store)

    def training_labels(self) -> Labels:
        """Return the labels of the training samples, as samplers, losses and heads see them."""
        return training_labels(self.training, self.first_rows(self.split.train))

    def samples(self, rows: np.ndarray) -> np.ndarray:
        """Return the row numbers of the samples that these rows make: (n,) images, or (n, length) clips."""
        return rows if self.clip is None else clips(self.store, rows, **self.clip)

    def first_rows(self, rows: np.ndarray) -> np.ndarray:
        """Return (n,) row numbers: for each sample, the row that carries its labels."""
        samples = self.samples(rows)
        return samples if samples.ndim == 1 else samples[:, 0]

    def train_batches(self, rank: int = 0, world_size: int = 1, position: Any = lambda: (0, 0)) -> EpochBatches:
        """Return the batches of one process, in the order in which it sees the training rows."""
        return EpochBatches(
            sampler=self.sampler,
            labels=self.training_labels(),
            batch_size=self.batch_size // world_size,
            seed=self.seed,
            rank=rank,
            world_size=world_size,
            position=position,
        )

    def train_dataloader(self) -> DataLoader[Batch]:
        """Return a loader of the training rows that starts where the trainer stands."""
        trainer = self.trainer
        assert trainer is not None

        def position() -> tuple[int, int]:
            return divmod(num_batches_done(trainer), len(batches))

        batches = self.train_batches(trainer.global_rank, trainer.world_size, position)
        return self.loader(self.samples(self.split.train), batches, self.training)

    def val_dataloader(self) -> list[DataLoader[Batch] | list[Any]]:
        """Return loaders of this process's share of the validation rows and, with `meter`, of the evaluation rows.

        Without validation rows, an empty list takes the place of the first loader. If there is nothing to predict, no
        loader is returned.
        """
        validation = self.split.validation
        if not self.meter:
            return [self._shared(validation)] if len(validation) else []
        return [self._shared(validation) if len(validation) else [], self._shared(self.split.evaluation)]

    def _shared(self, rows: np.ndarray) -> DataLoader[Batch]:
        """Return a loader of this process's share of some rows.

        A process without a share repeats the first sample, since the trainer refuses an empty loader when other
        processes have batches. `PredictionTable.gathered` counts a sample that is predicted twice once.
        """
        assert self.trainer is not None
        samples = self.samples(rows)
        mine = np.arange(self.trainer.global_rank, len(samples), self.trainer.world_size)
        return self.loader(samples, self.chunks(mine if len(mine) else np.array([0])))

    def rows_dataloader(self, rows: np.ndarray) -> DataLoader[Batch]:
        """Return a loader of the samples of any rows of the store, in their order, on one process."""
        return self.samples_dataloader(self.samples(rows))

    def samples_dataloader(self, samples: np.ndarray) -> DataLoader[Batch]:
        """Return a loader of any samples, in their order, on one process."""
        return self.loader(samples, self.chunks(np.arange(len(samples))))

    def chunks(self, positions: np.ndarray) -> list[list[int]]:
        """Divide positions into batches for a pass without gradients: its memory suffices for larger ones of images."""
        size = max(256, self.batch_size) if self.clip is None else self.batch_size
        return [positions[start : start + size].tolist() for start in range(0, len(positions), size)]

    def loader(self, samples: np.ndarray, batches: Any, store: Store | None = None) -> DataLoader[Batch]:
        """Return a loader that decodes whole batches; `store` gives the labels, if they are not those of the data."""
        rows = ImageRows(store or self.store, samples, self.channels, self.with_mask, self.with_context, self.hide_face)
        num_workers = self.num_workers
        if num_workers and len(samples):
            most = max(map(len, batches)) if isinstance(batches, list) else self.batch_size
            one = rows.__getitems__([0])
            if self.fewer_workers:
                num_workers = min(num_workers, len(batches), most_workers(one, most))
            require_shared_memory(one, most, num_workers)
        return DataLoader(
            rows,
            batch_sampler=batches,
            collate_fn=_as_it_is,
            num_workers=num_workers,
            persistent_workers=num_workers > 0,
            pin_memory=self.pin_memory,
        )


def num_batches_done(trainer: pl.Trainer) -> int:
    """Number of training batches that this process has finished since the run began, before a stop as well."""
    return trainer.fit_loop.epoch_loop.batch_progress.total.processed  # type: ignore[attr-defined]


def _as_it_is(batch: Any) -> Any:
    return batch
