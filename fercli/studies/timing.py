"""Time a few steps of one training in a clean process: `python -m fercli.studies.timing <options of train>`."""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

from fercli.config import compose
from fercli.engine.build import build_data, build_method
from fercli.engine.predict import predict
from fercli.engine.questionnaires import store_of
from fercli.engine.training import build_trainer
from fercli.runs.folder import RunFolder

WARM_UP = 3  # steps before the clock starts: the first ones allocate memory and choose kernels
TIMED = 5


class Enough(Exception):  # noqa: N818 (it is no error)
    """Enough steps were timed."""


class StepClock(pl.Callback):
    """Notes the time at the start and after each step, until there are enough steps."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Note the time before the first step."""
        self.times.append(now())

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:
        """Note the time once the device has finished the step."""
        self.times.append(now())
        if len(self.times) > WARM_UP + TIMED:
            raise Enough

    @property
    def seconds_per_step(self) -> float:
        """Mean over the steps after the warm-up; for a training shorter than the warm-up, its last step."""
        first = min(WARM_UP, len(self.times) - 2)
        return (self.times[-1] - self.times[first]) / (len(self.times) - 1 - first)


def now() -> float:
    """Return the time in seconds, once the device has finished its work."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.monotonic()


def time_training(overrides: Sequence[str], config_dirs: Sequence[Path] = ()) -> dict[str, float]:
    """Estimate how long a training takes, from a few of its steps and some batches of its evaluation split.

    Returns:
        `training`: seconds of all steps; `evaluation`: seconds of all validations and of the evaluation; `spent`:
        seconds that the timing itself took; the rest of the time of its process is start-up time.
    """
    cfg = compose("train", overrides, config_dirs)
    data = build_data(cfg, store_of(cfg))
    method, sizes = build_method(cfg, data)
    begin, clock = now(), StepClock()
    with tempfile.TemporaryDirectory() as folder:
        trainer = build_trainer(cfg, RunFolder(Path(folder) / "seed0"), [clock])
        with suppress(Enough):
            trainer.fit(method, datamodule=data)
        device = trainer.strategy.root_device
    evaluated, batch_size = data.split.evaluation, cfg.trainer.batch_size
    rows = evaluated[: TIMED * batch_size]
    method.to(device)
    with torch.inference_mode():
        predict(method, data, data.samples(rows[:batch_size]))
        middle = now()
        predict(method, data, data.samples(rows))
    per_row = (now() - middle) / len(rows)
    each_epoch = len(data.split.validation) + (len(evaluated) if data.meter else 0)
    num_evaluated = int(sizes.num_epochs) * each_epoch + len(evaluated)
    num_batches = round(sizes.num_epochs * len(data.train_batches()))
    return {
        "training": num_batches * clock.seconds_per_step,
        "evaluation": num_evaluated * per_row,
        "spent": now() - begin,
    }


def main(words: Sequence[str]) -> None:
    """Print the timing of a training as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("overrides", nargs="*")
    parser.add_argument("--config-dir", type=Path, action="append", default=[])
    given = parser.parse_intermixed_args(words)
    print(json.dumps(time_training(given.overrides, given.config_dir)))


if __name__ == "__main__":
    main(sys.argv[1:])
