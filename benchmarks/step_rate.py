"""Training steps of ResNet-18 in Lightning's loop, as `fercli train` runs it, beside the bare loop of torch.

    python -m benchmarks.step_rate [--sizes 64,112] [--batch 64] [--precision bf16-mixed] [--device cuda] [--compile]

A step is the copy of one batch to the device, normalization, forward pass, cross-entropy, backward pass and optimizer.
The bare loop does the same with the same network, and nothing else; fercli's also counts steps, keeps the loss of the
epoch, and asks its callbacks. Both take turns in one process. Times are CPU times, or on a GPU wall-clock times.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision.models import resnet18

from benchmarks import input_rate, measure
from fercli.batch import Batch
from fercli.config import Config, compose
from fercli.datasets.datamodule import FaceData
from fercli.datasets.store import Store
from fercli.engine.build import build_data, build_method
from fercli.engine.training import build_trainer
from fercli.methods.base import Method
from fercli.runs.folder import RunFolder

WARM = 5  # steps before the first that counts
PRECISION = {"32-true": torch.float32, "bf16-mixed": torch.bfloat16}


@dataclass(frozen=True)
class Training:
    """A training on a store of drawn images of one size.

    Attributes:
        size: pixels of the images.
        batch: images of a step.
        device: `cpu` or `cuda`.
    """

    store: Path
    size: int
    batch: int
    device: str

    def options(self, *more: str) -> list[str]:
        """Return its options, without those that the defaults have."""
        accelerator = "gpu" if self.device == "cuda" else "cpu"
        return [
            *("method=softmax", "data=folder", f"store={self.store}", f"augment.size={self.size}", "selection=last"),
            *(f"trainer.accelerator={accelerator}", f"trainer.batch_size={self.batch}", "trainer.max_epochs=1"),
            *("backbone.weights=null", *more),
        ]

    def built(self, *more: str) -> tuple[Config, FaceData, Method]:
        """Return the configuration, the data and the method, on the device."""
        cfg = compose("train", self.options(*more))
        data = build_data(cfg, Store(self.store))
        method, _ = build_method(cfg, data)
        return cfg, data, method.to(self.device)


class Turns(pl.Callback):
    """Time some steps of Lightning's loop, then as many of the bare one, over and over.

    Attributes:
        own, bare: what each turn took.
        peak: largest memory in MiB that torch took on the GPU during a turn of Lightning's loop; None on a CPU.
    """

    def __init__(self, bare: Callable[[], None], steps: int, device: str):
        self.step, self.steps, self.device = bare, steps, device
        self.own: list[measure.Took] = []
        self.bare: list[measure.Took] = []
        self.peak: float | None = None
        self.clock: measure.Clock | None = None

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, out: Any, batch: Any, i: int) -> None:
        """At the end of a turn, note it and let the bare loop run."""
        if i + 1 < WARM or (i + 1 - WARM) % self.steps:
            return
        if self.clock is None:
            self._run(WARM)
        else:
            self.own.append(self.clock.took())
            self.peak = torch.cuda.max_memory_allocated() / 2**20 if self.device == "cuda" else None
        self.bare.append(self._run(self.steps))
        if self.device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        self.clock = measure.Clock()

    def _run(self, number: int) -> measure.Took:
        clock = measure.Clock()
        for _ in range(number):
            self.step()
        return clock.took()


@dataclass(frozen=True)
class Rates:
    """Images a second in Lightning's loop and in the bare one, their ratio, and MiB on the GPU."""

    own: float
    bare: float
    ratio: float
    peak: float | None


def bare_step(batch: Batch, device: str, precision: torch.dtype, compiled: bool) -> Callable[[], None]:
    """Return a training step as it is written without fercli."""
    network = resnet18(num_classes=2).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    forward = torch.compile(network) if compiled else network
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    mean, std = (torch.full((1, 3, 1, 1), value, device=device) for value in (0.5, 0.25))

    def step() -> None:
        image = batch.image.to(device, non_blocking=True).float().div_(255).sub_(mean).div_(std)
        target = batch.expression.to(device, non_blocking=True)
        with torch.autocast(device, precision, enabled=precision != torch.float32):
            loss = nn.functional.cross_entropy(forward(image.contiguous(memory_format=torch.channels_last)), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def rates(training: Training, steps: int, repeats: int, precision: str, compiled: bool = False) -> Rates:
    """Measure both loops.

    Args:
        steps: of a turn.
        repeats: turns.
        precision: of PRECISION.
        compiled: networks are compiled.
    """
    how = (f"trainer.compile={str(compiled).lower()}", f"trainer.precision={precision}")
    cfg, data, method = training.built("augment=none", "scheduler=constant", *how)
    rows = np.resize(data.split.train, training.batch)
    (batch,) = data.loader(rows, [list(range(training.batch))])
    turns = Turns(bare_step(batch, training.device, PRECISION[precision], compiled), steps, training.device)
    with tempfile.TemporaryDirectory() as folder:
        trainer = build_trainer(cfg, RunFolder(Path(folder)), [turns])
        batches = [batch] * (WARM + steps * repeats)
        trainer.fit(method, DataLoader(batches, batch_size=None, collate_fn=lambda same: same))
    own, bare = ([took.on(training.device) for took in times] for times in (turns.own, turns.bare))
    ratio = median(b / a for a, b in zip(own, bare, strict=False))  # the bare loop also runs before the first turn
    images = training.batch * steps
    return Rates(images / median(own), images / median(bare), ratio, turns.peak)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each size, and print the table."""
    parser = measure.parser_of(__spec__.name, __doc__, 10, "turns of each loop")
    parser.add_argument("--sizes", type=measure.numbers, default="64,112", help="pixels of the images")
    parser.add_argument("--batch", type=measure.positive, default=64, help="images of a step")
    parser.add_argument("--steps", type=measure.positive, default=4, help="of a turn")
    parser.add_argument("--precision", default="bf16-mixed", choices=PRECISION)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--compile", action="store_true", help="compile both networks")
    options = parser.parse_args(arguments)
    with measure.report(options) as report, tempfile.TemporaryDirectory() as folder:
        columns = {"pixels": "d", "images/s": ",.1f", "bare loop": ",.1f", "ratio": ".3f", "MiB": ",.0f"}
        table = report.table("Training steps", columns)
        for size in options.sizes:
            store = input_rate.drawn_store(Path(folder) / str(size), size, options.batch)
            training = Training(store, size, options.batch, options.device)
            found = rates(training, options.steps, options.repeats, options.precision, options.compile)
            table.add(size, found.own, found.bare, found.ratio, found.peak)


if __name__ == "__main__":
    main()
