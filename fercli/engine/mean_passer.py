"""Mean passer: a depression model takes over the weights of an emotion model while both are trained."""

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from fercli.batch import Batch
from fercli.config import Config, compose, require, unresolved
from fercli.datasets.datamodule import FaceData, num_batches_done
from fercli.datasets.store import Store
from fercli.engine.build import build_data, build_method
from fercli.engine.measurement import measure
from fercli.engine.predict import predict
from fercli.engine.sizes import Sizes
from fercli.errors import ConfigError, choose
from fercli.methods.base import Method, step_seed
from fercli.ops.finite import FiniteCheck
from fercli.ops.seeds import seed_generators

DIVERGED = "the loss of the emotion model is not finite: training has diverged; lower its rate"
UNITS = ("epoch", "batch")
OPTIONS = ("num_workers", "global_batch", "channels_last", "compile")  # of the trainer, for both models
OWN_PARTS = ("head.", "objective.")  # of each model, never passed


class MeanPasser(pl.Callback):
    """Before each epoch (or batch), train an emotion model for as long; then move the own weights towards its weights.

    A pass sets theta <- alpha_i theta + (1 - alpha_i) theta_emotion. It covers every parameter that both models have
    under the same name and in the same shape, except heads and losses. Running statistics of batch normalization stay.
    A pass never changes the emotion model. With several processes, each trains it on its part of every batch.

    Args:
        emotion: the emotion model.
        data: training data of the emotion model.
        alpha_min: lower limit of alpha_i = 1 - 1 / (i + 1), in [0, 1].
        alpha_max: upper limit, in [alpha_min, 1]. Equal limits make alpha constant; with both 1, nothing is passed.
        unit: `epoch` or `batch`: the time between two passes.

    Raises:
        ConfigError: the unit is unknown, or a limit is out of range.

    Source: Lin 2021, equation 3.9. The schedule of alpha is not printed, only that it depends on the iteration.
    """

    def __init__(
        self,
        emotion: Method,
        data: FaceData,
        alpha_min: float = 0.0,
        alpha_max: float = 0.99,
        unit: str = "epoch",
    ):
        choose("passer.unit", unit, UNITS)
        if not 0 <= alpha_min <= alpha_max <= 1:
            raise ConfigError(
                f"expected 0 <= passer.alpha_min <= passer.alpha_max <= 1, found {alpha_min} and {alpha_max}"
            )
        self.emotion = emotion
        self.data = data
        self.alpha_min = alpha_min
        self.alpha_max = alpha_max
        self.unit = unit
        configured = emotion.configure_optimizers()
        self.optimizer = configured["optimizer"] if isinstance(configured, dict) else configured
        self.schedule = configured["lr_scheduler"] if isinstance(configured, dict) else None
        self.num_batches = 0  # batches that the emotion model has been trained on
        self.num_passes = 0
        self.finite_losses = FiniteCheck(DIVERGED)
        self.batches: Iterator[Batch] | None = None
        self._num_per_epoch: int | None = None

    def alpha(self, index: int) -> float:
        """Return the share of its own weights that the model keeps at a pass; passes count from 0."""
        return min(max(1 - 1 / (index + 1), self.alpha_min), self.alpha_max)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the emotion model and its counters.

        Raises:
            RunError: the emotion model has diverged: its state is not worth a checkpoint.
        """
        self.finite_losses.require()
        return {
            "emotion": self.emotion.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule["scheduler"].state_dict() if self.schedule else None,
            "num_batches": self.num_batches,
            "num_passes": self.num_passes,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the state of the emotion model and its counters."""
        self.emotion.load_state_dict(state_dict["emotion"])
        self.optimizer.load_state_dict(state_dict["optimizer"])
        if self.schedule:
            self.schedule["scheduler"].load_state_dict(state_dict["schedule"])
        self.num_batches, self.num_passes = state_dict["num_batches"], state_dict["num_passes"]
        self.batches = None

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Move the emotion model to the device, and check that the models share parameters.

        Raises:
            ConfigError: the two models share no parameter, or the precision needs scaled gradients: the passer does
                not scale those of the emotion model.
        """
        if getattr(trainer.precision_plugin, "scaler", None) is not None:
            raise ConfigError(
                f"passer=mean scales no gradients, as trainer.precision={trainer.precision} needs; take bf16-mixed"
            )
        self.emotion.to(pl_module.device)
        for state in self.optimizer.state.values():
            for key, value in state.items():
                if isinstance(value, Tensor) and value.dim():
                    state[key] = value.to(pl_module.device)
        if not shared_parameters(pl_module, self.emotion):
            raise ConfigError(
                "the emotion model of passer=mean shares no parameter with this one; give both one method"
            )

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Train the emotion model for one epoch, then pass. Do neither again if a stopped epoch continues."""
        if self.unit == "epoch" and self.num_passes <= trainer.current_epoch:
            self.train(trainer, self.num_per_epoch(trainer))
            self.finite_losses.require()
            self.pass_weights(pl_module)

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, index: int) -> None:
        """Train the emotion model on one batch, then pass."""
        if self.unit == "batch" and self.num_passes <= num_batches_done(trainer):
            self.train(trainer, 1)
            self.pass_weights(pl_module)

    @torch.no_grad()
    def pass_weights(self, module: nn.Module) -> None:
        """Pass the weights once."""
        alpha = self.alpha(self.num_passes)
        if alpha < 1:  # with alpha = 1 no bit may change, but adding 0 would turn -0 into 0
            for own, other in shared_parameters(module, self.emotion):
                own.mul_(alpha).add_(other, alpha=1 - alpha)
        self.num_passes += 1

    def train(self, trainer: pl.Trainer, num_batches: int) -> None:
        """Train the emotion model on its next batches.

        Raises:
            RunError: a loss of the emotion model was not finite. This is checked once in some batches, as `FiniteCheck`
                says, and before each pass of an epoch and each checkpoint.
        """
        rank, num_per_epoch = trainer.global_rank, self.num_per_epoch(trainer)
        self.batches = self.batches or self._endless(trainer)
        self.emotion.train()
        for batch in islice(self.batches, num_batches):
            seed_generators(step_seed(self.emotion.seed, self.num_batches, rank), self.emotion.device)
            self.emotion.objective.epoch = self.num_batches // num_per_epoch
            batch = self.emotion.augmented(batch.to(self.emotion.device))
            with trainer.precision_plugin.forward_context(), torch.enable_grad():
                loss, _ = self.emotion.objective(self.emotion(batch), batch)
            self.finite_losses.see(loss.isfinite())
            self.optimizer.zero_grad()
            loss.backward()
            _average_gradients(self.emotion, trainer.world_size)
            self.optimizer.step()
            self.emotion.objective.step_centers()
            self.num_batches += 1
            epoch_is_over = self.num_batches % num_per_epoch == 0
            if self.schedule and (self.schedule["interval"] == "step" or epoch_is_over):
                self.schedule["scheduler"].step()

    def num_per_epoch(self, trainer: pl.Trainer) -> int:
        """Return the number of batches in an epoch of the emotion model."""
        if self._num_per_epoch is None:
            self._num_per_epoch = len(self.data.train_batches(trainer.global_rank, trainer.world_size))
        return self._num_per_epoch

    def _endless(self, trainer: pl.Trainer) -> Iterator[Batch]:
        """Yield the emotion model's next batches, epoch after epoch. One loader serves all, so its workers persist."""
        num_per_epoch = self.num_per_epoch(trainer)
        epoch_batches = self.data.train_batches(
            trainer.global_rank, trainer.world_size, lambda: divmod(self.num_batches, num_per_epoch)
        )
        loader = self.data.loader(self.data.samples(self.data.split.train), epoch_batches)
        while True:
            yield from loader

    def facts(self) -> dict[str, Any]:
        """Return the metrics of the emotion model on its own evaluation rows."""
        split = self.data.split
        columns = predict(self.emotion, self.data, self.data.samples(split.evaluation))
        evaluated = measure(self.emotion, columns, self.data.store.classes, split.evaluation_name)
        return {"emotion": {"data": self.data.store.name, "metrics": evaluated.metrics}}


def shared_parameters(module: nn.Module, other: nn.Module) -> list[tuple[nn.Parameter, nn.Parameter]]:
    """Return the pairs of parameters of the same name and shape, except those of heads and losses."""
    others = dict(other.named_parameters())
    return [
        (parameter, others[name])
        for name, parameter in module.named_parameters()
        if name in others and others[name].shape == parameter.shape and not name.startswith(OWN_PARTS)
    ]


def build_passer(cfg: Config, sizes: Sizes, config_dirs: Sequence[Any] = ()) -> MeanPasser:
    """Build the passer of a configuration that has one.

    Args:
        cfg: configuration of the training that takes over the weights.
        sizes: those of this training, which say how long the emotion model is trained.
        config_dirs: folders with yaml files of the user's own.
    """
    require(cfg, "passer.store")
    chosen = [*cfg.passer.emotion, f"data={cfg.passer.data}", f"budget={cfg.budget}", f"seed={cfg.seed}"]
    emotion_cfg = compose("train", [*chosen, f"store={cfg.passer.store}"], config_dirs)
    for key in cfg.passer.hand_over:
        _hand_over(cfg, emotion_cfg, key)
    for key in OPTIONS:
        emotion_cfg.trainer[key] = cfg.trainer[key]
    data = build_data(emotion_cfg, Store(cfg.passer.store))
    emotion_cfg.trainer.max_epochs = cfg.trainer.max_epochs
    if cfg.trainer.max_epochs is None:  # the training ends after a number of steps
        emotion_cfg.trainer.max_epochs = math.ceil(sizes.num_epochs)
    if cfg.passer.unit == "batch":  # the emotion model trains on one batch per pass
        num_passes = sizes.num_steps * cfg.trainer.accumulate_grad_batches
        emotion_cfg.trainer.max_epochs = math.ceil(num_passes / len(data.train_batches()))
    emotion, _ = build_method(emotion_cfg, data)
    return MeanPasser(emotion, data, cfg.passer.alpha_min, cfg.passer.alpha_max, cfg.passer.unit)


def _hand_over(cfg: Config, emotion_cfg: Config, key: str) -> None:
    """Copy one part of the own configuration to that of the emotion model, if both have the part.

    Interpolations stay unresolved, so that the number of channels, for example, is that of the emotion data.
    """
    *parents, last = key.split(".")
    own: Any = unresolved(cfg)
    other: Any = emotion_cfg
    for parent in parents:
        own, other = own.get(parent) or {}, other.get(parent) or {}
    if last in own and last in other:
        other[last] = own[last]


def _average_gradients(module: nn.Module, world_size: int) -> None:
    if world_size == 1:
        return
    for parameter in module.parameters():
        if parameter.requires_grad:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            torch.distributed.all_reduce(parameter.grad)
            parameter.grad /= world_size
