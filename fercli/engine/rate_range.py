"""The learning rate range test: raise the rate at each step, and measure where the training loss falls or explodes."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytorch_lightning as pl
from scipy.ndimage import gaussian_filter1d

from fercli.config import Config
from fercli.engine.build import build_data, build_method
from fercli.engine.predict import Progress
from fercli.engine.questionnaires import store_of
from fercli.engine.training import lightning_trainer
from fercli.errors import ConfigError, InterruptedRunError

NUM_STEPS = 100
LOWEST, HIGHEST = 1e-6, 10.0  # learning rates of the first and of the last step
SMOOTHING = 4  # standard deviation, in steps, of the Gaussian that smooths the losses
EXPLODED = 4  # the test ends at a loss that is so many times the lowest
NUM_FIRST = 10  # steps at the lowest rate before the test, in which class centers find their place
LEAST_STEPS = 20  # with fewer losses, nothing can be read from the curve
# A fall counts if it is larger than so many standard deviations of the losses about their curve. By simulation, losses
# that are noise alone fall further in 5 % of tests.
LEAST_FALL = 1.65


@dataclass(frozen=True, slots=True)
class RateRange:
    """What a learning rate range test measured.

    Attributes:
        rates: (n,) learning rate of each step, in ascending order; that of parameters without a factor of their own.
        losses: (n,) training loss of the batch of each step, before the step.
        end: rate of the last step.
        exploded: whether the loss exploded at the last step, which ended the test.

    Source: Smith 2017, section 3.3, with rates that grow exponentially.
    """

    rates: np.ndarray
    losses: np.ndarray
    end: float
    exploded: bool

    @property
    def smooth(self) -> np.ndarray:
        """(n,) losses, smoothed by a Gaussian over the steps."""
        return gaussian_filter1d(self.losses, SMOOTHING, mode="nearest")

    @property
    def valley(self) -> tuple[float, float] | None:
        """The rate at which half of the fall of the smoothed loss is done, and the rate at which the loss is lowest.

        None if the loss falls no further than noise does by chance, or if there are fewer than `LEAST_STEPS` losses.
        """
        if len(self.losses) < LEAST_STEPS:
            return None
        smooth = self.smooth
        at = int(smooth.argmin())
        high, low = smooth[: at + 1].max(), smooth[at]
        if high - low <= LEAST_FALL * np.std(np.diff(self.losses)) / math.sqrt(2):
            return None
        (above,) = np.nonzero(smooth[: at + 1] >= (high + low) / 2)
        return float(self.rates[above[-1]]), float(self.rates[at])


class RaiseRate(pl.Callback):
    """Raise the learning rate exponentially from step to step, and record the loss of each step.

    The first `NUM_FIRST` steps have the lowest rate, and are not recorded. Each parameter group keeps its factor.

    Args:
        base: rate of parameters without a factor, above 0.
        progress: told the steps done, and their number.
    """

    def __init__(self, base: float, progress: Progress = lambda done, total: None):
        self.base = base
        self.progress = progress
        self.steps = np.geomspace(LOWEST, HIGHEST, NUM_STEPS)
        self.losses: list[float] = []
        self.exploded = False
        self._factors: list[list[float]] = []
        self.num_steps = 0
        self._of_step: list[float] = []

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Note the factor of each parameter group."""
        self._factors = [[group["lr"] / self.base for group in one.param_groups] for one in trainer.optimizers]

    def on_train_batch_start(self, trainer: pl.Trainer, *args: Any) -> None:
        """Set the rate of this step."""
        rate = self.steps[max(0, trainer.global_step - NUM_FIRST)]
        for optimizer, factors in zip(trainer.optimizers, self._factors, strict=True):
            for group, factor in zip(optimizer.param_groups, factors, strict=True):
                group["lr"] = rate * factor

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *args: Any) -> None:
        """Record the loss; stop where it has exploded."""
        mean = trainer.strategy.reduce(outputs["loss"].detach(), reduce_op="mean")
        self._of_step.append(float(mean))
        if trainer.global_step == self.num_steps:  # the step adds the gradients of further batches
            return
        self.num_steps = trainer.global_step
        loss, self._of_step = sum(self._of_step) / len(self._of_step), []
        if not math.isfinite(loss) or (self.losses and loss > EXPLODED * min(self.losses) > 0):
            self.exploded = trainer.should_stop = True
            return
        if self.num_steps > NUM_FIRST:
            self.losses.append(loss)
        if trainer.is_global_zero:
            self.progress(self.num_steps, NUM_FIRST + NUM_STEPS)

    @property
    def found(self) -> RateRange:
        """What was measured."""
        num_losses = len(self.losses)
        end = self.steps[max(0, self.num_steps - NUM_FIRST - 1)]
        return RateRange(self.steps[:num_losses], np.array(self.losses), float(end), self.exploded)


def rate_range(cfg: Config, progress: Progress = lambda done, total: None) -> RateRange:
    """Run the test with the method and the data of a configuration; write nothing.

    The schedule of the rate is left out, for the test raises the rate itself. So are averaged weights.

    Raises:
        ConfigError: an option does not fit, or a second model trains with a rate of its own (`passer`).
    """
    if cfg.passer is not None:
        raise ConfigError(
            f"expected passer=none for a learning rate range test, found passer={cfg.choices.passer}: its second model "
            "trains with a rate of its own"
        )
    data = build_data(cfg, store_of(cfg))
    method, _ = build_method(cfg, data)
    if method.learning_rate <= 0:
        raise ConfigError(f"expected optimizer.lr above 0, found {method.learning_rate:g}")
    method.scheduler_from = None
    raising = RaiseRate(method.learning_rate, progress)
    trainer = lightning_trainer(
        cfg, [raising], logger=False, max_steps=NUM_FIRST + NUM_STEPS, max_epochs=-1, limit_val_batches=0
    )
    try:
        trainer.fit(method, datamodule=data)
    except SystemExit as error:  # Lightning's way to end after Ctrl-C
        raise InterruptedRunError("interrupted; the test of learning rates wrote nothing") from error
    return raising.found
