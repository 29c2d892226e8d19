"""Progress on standard error: steps done, rate and time left."""

import logging
import sys
import warnings
from pathlib import Path
from typing import Any, TextIO

import pytorch_lightning as pl

import fercli
from fercli.cli.bars import Bar, bar
from fercli.cli.printing import say
from fercli.config import Config
from fercli.datasets.datamodule import num_batches_done
from fercli.engine.callbacks import History
from fercli.errors import printable


def quiet_libraries() -> None:
    """Hide the notes of libraries, which are meant for programmers."""
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    logging.getLogger("lightning").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    warnings.filterwarnings("ignore", module="lightning_fabric")
    warnings.filterwarnings("ignore", module="torch")
    warnings.showwarning = _as_note


def _as_note(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning of fercli as one sentence, and a warning of a library with its place in the code."""
    own = Path(filename).is_relative_to(Path(fercli.__file__).parent)
    note = f"note: {printable(str(message))}"
    if own and file is None:
        say(note)
    else:
        text = f"{note}\n" if own else warnings.formatwarning(message, category, filename, lineno, line)
        (file or sys.stderr).write(text)


class TrainingProgress(pl.Callback):
    """One bar for the training, and a line for each finished epoch."""

    def __init__(self, config: Config) -> None:
        """Take the configuration of the training, which names its method and its data set."""
        self.title = f"{config.choices.method} on {config.data.name}"
        self.progress: Bar | None = None
        self.task: Any = None

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Show the bar."""
        if not trainer.is_global_zero:
            return
        say(_plan(self.title, trainer, pl_module))
        self.progress = bar("steps")
        self.progress.start()
        done = num_batches_done(trainer)
        self.task = self.progress.add_task("training", total=_num_batches(trainer), completed=done)

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:
        """Advance the bar by one batch."""
        if self.progress is None:
            return
        num_epochs = -(-_num_batches(trainer) // int(trainer.num_training_batches))
        self.progress.update(self.task, advance=1, description=f"epoch {trainer.current_epoch + 1}/{num_epochs}")

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Print the loss and the validation metrics of the epoch."""
        if self.progress is None:
            return
        history = next(c for c in trainer.callbacks if isinstance(c, History))  # type: ignore[attr-defined]  # comes first
        scores = {k: v for k, v in history.rows[-1].items() if k == "train/loss" or k.startswith("val/")}
        self.progress.console.print(
            f"epoch {trainer.current_epoch + 1}: " + ", ".join(f"{name} {value:.4f}" for name, value in scores.items()),
            highlight=False,
        )

    def on_exception(self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException) -> None:
        """Stop the bar before the message."""
        self._end(failed=True)

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Stop the bar."""
        self._end(failed=False)

    def _end(self, failed: bool) -> None:
        if self.progress is not None:
            self.progress.end(failed)
            self.progress = None


def _num_batches(trainer: pl.Trainer) -> int:
    """Return the batches of the whole training, unless a rule stops it earlier; -1 epochs or steps are no limit."""
    in_steps = trainer.max_steps * trainer.accumulate_grad_batches
    in_epochs = (trainer.max_epochs or 1) * int(trainer.num_training_batches)
    return min(number for number in (in_steps, in_epochs) if number >= 0)


def _plan(title: str, trainer: pl.Trainer, method: pl.LightningModule) -> str:
    """Say in one line what is trained on what, and for how long; `--dry-run` says more."""
    split = trainer.datamodule.split  # type: ignore[attr-defined]
    num_batches, per_epoch = _num_batches(trainer), int(trainer.num_training_batches)
    weights = sum(parameter.numel() for parameter in method.parameters())
    return (
        f"trains {title}: {len(split.train):,} rows, {weights:,} weights, {-(-num_batches // per_epoch)} x "
        f"{per_epoch:,} batches, on {trainer.strategy.root_device}"
    )
