"""Progress on standard error: what is done, how fast, how long still."""

import logging
import warnings
from typing import Any

import pytorch_lightning as pl
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


def quiet_libraries() -> None:
    """Keep the notes of libraries, meant for programmers, off the screen."""
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    logging.getLogger("lightning").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    warnings.filterwarnings("ignore", module="torch")


def bar(unit: str) -> Progress:
    """A progress bar with rate and time left; where standard error is no terminal, its last state only."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(unit),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


class _Rate(ProgressColumn):
    def __init__(self, unit: str):
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f} {self.unit}/s" if speed else "", style="progress.data.speed")


class TrainingProgress(pl.Callback):
    """One bar for the training, and a line for each finished epoch."""

    def __init__(self) -> None:
        self.progress: Progress | None = None
        self.task: Any = None

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Show the bar."""
        if not trainer.is_global_zero:
            return
        self.progress = bar("steps")
        self.progress.start()
        steps = int(trainer.num_training_batches) * (trainer.max_epochs or 1)
        done = trainer.fit_loop.epoch_loop.batch_progress.total.processed
        self.task = self.progress.add_task("training", total=steps, completed=done)

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *args: Any) -> None:
        """Advance."""
        if self.progress is None:
            return
        loss = float(outputs["loss"]) if isinstance(outputs, dict) else float(outputs)
        text = f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs}, loss {loss:.3f}"
        self.progress.update(self.task, advance=1, description=text)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Print what the epoch gave."""
        if self.progress is None:
            return
        scores = {k: float(v) for k, v in trainer.callback_metrics.items() if k.startswith("val/") or k == "train/loss"}
        self.progress.console.print(
            f"epoch {trainer.current_epoch + 1}: " + ", ".join(f"{name} {value:.4f}" for name, value in scores.items()),
            highlight=False,
        )

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Take the bar away."""
        if self.progress is not None:
            self.progress.stop()
            self.progress = None
