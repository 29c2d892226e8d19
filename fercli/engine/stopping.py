"""The rule that ends a training by its own loss, counted in optimizer steps."""

import warnings
from typing import Any

import pytorch_lightning as pl
import torch


class FallingLoss:
    """Follow the loss of each step, and tell when it has not fallen for `patience` steps.

    The loss has fallen at a step if it is below the lowest loss of all earlier steps. He, Chan and Wang (2021, section
    4.3.1) write "the training loss has not decreased for 200 iterations", and name no smoothing. The loss of a step is
    therefore the loss of its batch. This loss is noisy: its minimum over many steps is hard to beat, so the rule ends
    a training early. With `average` above 1, the mean of the last losses replaces the loss of a step.

    Args:
        patience: number of steps without a fall after which the training is over, at least 1.
        average: number of last steps in the mean; the first `average - 1` steps do not count.
    """

    def __init__(self, patience: int, average: int = 1):
        self.patience = patience
        self.average = average
        self.recent: list[float] = []
        self.lowest: float | None = None
        self.without_fall = 0

    def add(self, loss: float) -> None:
        """Take the loss of the next step."""
        self.recent = [*self.recent, loss][-self.average :]
        if len(self.recent) < self.average:
            return
        value = sum(self.recent) / self.average
        if self.lowest is None or value < self.lowest:
            self.lowest, self.without_fall = value, 0
        else:
            self.without_fall += 1

    @property
    def over(self) -> bool:
        """Whether the loss has not fallen in the last `patience` steps."""
        return self.without_fall >= self.patience


class StopByTrainingLoss(pl.Callback):
    """Stop after the step at which the rule is over. A continued training goes on counting.

    The loss of a step is the mean over its accumulated batches and over all processes, so all processes stop together.
    Reading the loss makes the device finish each step before the next one begins.
    """

    def __init__(self, rule: FallingLoss):
        self.rule = rule
        self.batches: list[float] = []
        self.step = 0

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the rule, and the batches of an unfinished step."""
        rule = self.rule
        seen = {"recent": rule.recent, "lowest": rule.lowest, "without_fall": rule.without_fall}
        return seen | {"batches": self.batches, "step": self.step}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the state of the rule and the unfinished step."""
        self.rule.recent, self.rule.lowest = state_dict["recent"], state_dict["lowest"]
        self.rule.without_fall = state_dict["without_fall"]
        self.batches, self.step = state_dict["batches"], state_dict["step"]

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Stop at once if the rule was over before the training was continued."""
        trainer.should_stop = trainer.should_stop or self.rule.over

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:
        """Add the loss, and stop if the rule is over."""
        loss = trainer.callback_metrics["train/loss"].to(pl_module.device, torch.float64)
        self.batches.append(float(trainer.strategy.reduce(loss, reduce_op="mean")))
        if trainer.global_step == self.step:  # gradients are still accumulated
            return
        self.rule.add(sum(self.batches) / len(self.batches))
        self.batches, self.step = [], trainer.global_step
        if self.rule.over:
            trainer.should_stop = True
            if trainer.is_global_zero:
                warnings.warn(
                    f"training stops at step {self.step:,}: its loss has not fallen below {self.rule.lowest:.4g} for "
                    f"{self.rule.patience} steps",
                    stacklevel=1,
                )
