"""Callbacks of a training: checkpoints that survive any stop, and the history."""

import csv
import math
import signal
import time
import warnings
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import Any

import pytorch_lightning as pl
import torch

from fercli.datasets.datamodule import num_batches_done
from fercli.engine.run_options import SelectionOptions
from fercli.errors import InterruptedRunError, RunError, StoppedRunError
from fercli.files import write_same, write_text
from fercli.runs.folder import RunFolder
from fercli.runs.provenance import add_part

STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
LEAST_ATTENTION = 0.05  # lowest mean weight without a warning; below it, DACL is almost softmax loss alone
STEPS_BETWEEN_TALKS = 8  # between questions to all processes whether to save: each question waits for the device


class Checkpoints(pl.Callback):
    """Keep `last.ckpt` to continue from and `best.ckpt` for evaluation. Stop when the patience is used up.

    A checkpoint is written after a whole optimizer step, to a temporary name, and then renamed. The process may
    therefore be killed at any moment. Ctrl-C, SIGTERM and SLURM's SIGUSR1 save a checkpoint after the current step and
    stop the training. With several processes, all save and stop at the same step, even if only one got the signal.

    Args:
        selection: `rule`, `monitor` (the metric that chooses the epoch) and `patience` in epochs.
        every_minutes: minutes between two checkpoints: about the most work that a kill can cost.
    """

    def __init__(self, run: RunFolder, selection: SelectionOptions, every_minutes: float):
        self.run = run
        self.selection = selection
        self.every_seconds = 60 * every_minutes
        self.saved_at = time.monotonic()
        self.signal: int | None = None
        self.best: dict[str, float] | None = None
        self.handlers: dict[int, Any] = {}

    def state_dict(self) -> dict[str, Any]:
        """Return the best epoch so far."""
        return {"best": self.best}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue with the best epoch so far."""
        self.best = state_dict["best"]

    @property
    def best_epoch(self) -> float | None:
        """The epoch (from 1) with the best value of the monitored metric; None where nothing is chosen."""
        return None if self.best is None else self.best["epoch"] + 1

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Listen for signals. Stop at once if the patience was used up before the training was continued."""
        self.handlers = {number: signal.signal(number, self._note) for number in STOPPING_SIGNALS}
        trainer.should_stop = trainer.should_stop or self._out_of_patience(trainer.current_epoch - 1)

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:
        """Save if the last checkpoint is old, or if a signal asked to stop."""
        batch_of_epoch = num_batches_done(trainer) % int(trainer.num_training_batches)  # 0: the epoch is over
        between_steps = batch_of_epoch % trainer.accumulate_grad_batches == 0
        may_talk = trainer.world_size == 1 or batch_of_epoch % STEPS_BETWEEN_TALKS == 0
        due = self.signal is not None or time.monotonic() - self.saved_at > self.every_seconds
        if between_steps and batch_of_epoch and may_talk and not _is_over(trainer) and _any(trainer, due):
            self._save(trainer, self.run.last)
            self._stop_if_asked(trainer)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Save; keep the epoch if it is the best yet."""
        if self._is_best_yet(trainer, pl_module):
            self._save(trainer, self.run.best)
            if trainer.is_global_zero:
                write_same(self.run.last, self.run.best)
            trainer.strategy.barrier()
        else:
            self._save(trainer, self.run.last)
        self._stop_if_asked(trainer)
        trainer.should_stop = trainer.should_stop or self._out_of_patience(trainer.current_epoch)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Restore Lightning's signal handlers. Lightning restores the original ones before it calls `teardown`."""
        self._give_back()

    def on_exception(self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException) -> None:
        """Restore Lightning's signal handlers after an error."""
        self._give_back()

    def _give_back(self) -> None:
        for number, handler in self.handlers.items():
            signal.signal(number, handler)
        self.handlers = {}

    def _is_best_yet(self, trainer: pl.Trainer, pl_module: Any) -> bool:
        """Return whether this epoch is the best of those so far, and note it if it is."""
        if not self.selection.chooses_epoch:
            return False
        value = self._monitored(trainer)
        sign = 1 if pl_module.metrics[self.selection.monitor].higher_is_better else -1
        if self.best is not None and not _is_better(sign * value, sign * self.best["value"]):
            return False
        self.best = {"value": value, "epoch": trainer.current_epoch}
        return True

    def _monitored(self, trainer: pl.Trainer) -> float:
        """Return the value of the metric that chooses the epoch.

        Raises:
            RunError: no validation row counts for it.
        """
        name = self.selection.monitor
        computed = [key.removeprefix("val/") for key in trainer.callback_metrics if key.startswith("val/")]
        if name not in computed:
            raise RunError(
                f"expected a value of selection.monitor={name} after each epoch, found one of "
                f"{', '.join(computed) or 'no metric'}: no validation row counts for it. Choose another "
                "selection.monitor, or selection=last"
            )
        return float(trainer.callback_metrics[f"val/{name}"])

    def _out_of_patience(self, epoch: int) -> bool:
        patience = self.selection.patience
        return patience is not None and self.best is not None and epoch - self.best["epoch"] >= patience

    def _save(self, trainer: pl.Trainer, path: Path) -> None:
        trainer.save_checkpoint(path)
        trainer.strategy.barrier()
        self.saved_at = time.monotonic()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.signal = number

    def _stop_if_asked(self, trainer: pl.Trainer) -> None:
        if _any(trainer, self.signal is not None):
            name = "a signal to another process" if self.signal is None else signal.Signals(self.signal).name
            kind = InterruptedRunError if self.signal == signal.SIGINT else StoppedRunError
            raise kind(f"stopped by {name}; the same command continues from {self.run.last}")


def _is_better(value: float, best: float) -> bool:
    """Whether the higher value is the new one. Any number is better than NaN."""
    return value > best or (math.isnan(best) and not math.isnan(value))


def _is_over(trainer: pl.Trainer) -> bool:
    """Whether this was the last step. The end of the epoch follows at once and saves, so no save is needed here."""
    return trainer.should_stop or 0 <= trainer.max_steps <= trainer.global_step


def _any(trainer: pl.Trainer, mine: bool) -> bool:
    """Whether `mine` is true in any process. Signals reach processes at different steps, and clocks differ."""
    return trainer.strategy.reduce_boolean_decision(mine, all=False)


class RecordStart(pl.Callback):
    """Note in `provenance.json` the step from which this process trains."""

    def __init__(self, run: RunFolder):
        self.run = run

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the first step. It is known here, because a checkpoint is loaded by now."""
        if trainer.is_global_zero:
            add_part(self.run.path, trainer.global_step)


class History(pl.Callback):
    """Write `history.csv`: per epoch, the mean of each loss term, validation metrics, learning rate and seconds.

    Epochs count from 1, as in the terminal.
    """

    def __init__(self, path: Path):
        self.path = path
        self.rows: list[dict[str, float]] = []
        self.sums: dict[str, torch.Tensor] = {}  # on the device: reading a number at every step would wait for it
        self.steps = 0
        self.seconds = 0.0
        self.clock = time.monotonic()

    def state_dict(self) -> dict[str, Any]:
        """Return the rows and running sums, so that a continued epoch has the same means."""
        self._tick()
        return {"rows": self.rows, "sums": self.sums, "steps": self.steps, "seconds": self.seconds}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the rows and running sums."""
        self.rows, self.sums = state_dict["rows"], state_dict["sums"]
        self.steps, self.seconds = state_dict["steps"], state_dict["seconds"]

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock."""
        self.clock = time.monotonic()

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:
        """Add the loss terms of this step."""
        self.steps += 1
        for name, value in trainer.callback_metrics.items():
            if name.startswith("train/"):
                self.sums[name] = self.sums.get(name, torch.zeros_like(value)) + value

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the row of this epoch."""
        self._tick()
        means = {
            name: float(trainer.strategy.reduce(value.to(pl_module.device) / self.steps, reduce_op="mean"))
            for name, value in self.sums.items()
        }
        if not all(map(math.isfinite, means.values())):
            raise RunError("the loss is not finite: training has diverged; lower optimizer.lr")
        measured = trainer.callback_metrics.items()
        scores = {name: float(value) for name, value in measured if name.startswith(("val/", "test/"))}
        rate = trainer.optimizers[0].param_groups[0]["lr"]
        self.rows.append(
            {"epoch": trainer.current_epoch + 1, "step": trainer.global_step, "lr": rate}
            | means
            | scores
            | {"seconds": self.seconds}
        )
        self.sums, self.steps = {}, 0
        if trainer.is_global_zero:
            self._write()
            self._tell_of_attention()
            for logger in trainer.loggers:
                row = {f"history/{name}": value for name, value in self.rows[-1].items() if name != "step"}
                logger.log_metrics(row, step=trainer.global_step)

    def facts(self) -> dict[str, float]:
        """Return the facts about the training for `metrics.json`."""
        return {"epochs": len(self.rows), "steps": self.rows[-1]["step"], "seconds": round(self.seconds, 1)}

    def _tick(self) -> None:
        now = time.monotonic()
        self.seconds += now - self.clock
        self.clock = now

    def _tell_of_attention(self) -> None:
        """Warn once when the mean attention falls below `LEAST_ATTENTION`: the center loss then hardly acts."""
        before, now = ([1.0] + [row.get("train/mean_attention", 1.0) for row in self.rows])[-2:]
        if now < LEAST_ATTENTION <= before:
            warnings.warn(
                f"attention weights have fallen to {now:.3f} on average: the sparse center loss hardly acts any more; "
                "head.normalize=mean prevents it",
                stacklevel=1,  # a line of fercli: warnings of the calling library are not shown
            )

    def _write(self) -> None:
        text = StringIO()
        writer = csv.DictWriter(text, list(dict.fromkeys(name for row in self.rows for name in row)))
        writer.writeheader()
        writer.writerows(self.rows)
        write_text(self.path, text.getvalue())
