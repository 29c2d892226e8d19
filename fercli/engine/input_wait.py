"""Say in the log where a training waits for its images."""

import time
import warnings
from typing import Any

import pytorch_lightning as pl

LEAST = 0.25  # share of the time of an epoch; below it, faster input would hardly shorten the training
FEWEST_STEPS = 20  # of an epoch; the first step of a short epoch would decide


class InputWait(pl.Callback):
    """Measure how long the network waits for each batch: for decoding, copying and augmentation.

    After the first epoch in which it waits for more than LEAST of the time, a warning says so once.

    Args:
        num_workers: processes that decode images.
        on_gpu: whether the network is on a GPU; on a CPU, more processes would take its cores.
        clock: gives the time in seconds.
    """

    def __init__(self, num_workers: int, on_gpu: bool, clock: Any = time.monotonic):
        self.num_workers, self.on_gpu, self.clock = num_workers, on_gpu, clock
        self.ready: float | None = None  # when the network had finished a step
        self.waited = self.worked = 0.0
        self.steps = 0
        self.told = False

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, index: int) -> None:
        """Add the time since the last step. The first batch of an epoch is not counted: workers start."""
        now = self.clock()
        if self.ready is not None:
            self.waited += now - self.ready
            self.steps += 1
        self.ready = now

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:
        """Add the time of this step."""
        now = self.clock()
        if self.steps and self.ready is not None:
            self.worked += now - self.ready
        self.ready = now

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Warn if images are the limit, and start again."""
        total, steps = self.waited + self.worked, self.steps
        share = self.waited / total if total else 0.0
        self.ready, self.waited, self.worked, self.steps = None, 0.0, 0.0, 0
        if steps >= FEWEST_STEPS and share > LEAST and trainer.is_global_zero and not self.told:
            self.told = True
            warnings.warn(f"{self._device} waits {share:.0%} of the time for images; {self._remedy}", stacklevel=1)

    @property
    def _device(self) -> str:
        return "the device" if self.on_gpu else "the network"

    @property
    def _remedy(self) -> str:
        if self.on_gpu:
            return f"trainer.num_workers above {self.num_workers} helps if the machine has more cores"
        return "a smaller augment.size, or fewer random changes of each image, help"
