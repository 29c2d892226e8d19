"""The base class of all methods: training step, seeds, optimizer, and validation over the whole split."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from fercli.batch import Batch
from fercli.datasets.augment import Plain
from fercli.datasets.datamodule import FaceData, num_batches_done
from fercli.errors import ConfigError, nearest
from fercli.losses.objective import Objective
from fercli.methods.table import PredictionTable
from fercli.metrics.divergence import diverged
from fercli.metrics.metric import Metric
from fercli.ops.seeds import seed_generators
from fercli.prediction import Features, Prediction

PASSES = ("val", "test")  # splits of a validation, in the order of its loaders; only the selection meter reads `test`


@dataclass(frozen=True)
class Stream:
    """A part of a network that reads images.

    Attributes:
        name: `face` or `context`.
        network: images to `Features`.
        image: images (B, C, H, W) or clips (B, T, C, H, W), in the form that the network takes.
        head: function from `Features` of this stream to fields of the prediction; other streams do not change.
    """

    name: str
    network: nn.Module
    image: Tensor
    head: Callable[[Features], dict[str, Tensor]]


class Method(pl.LightningModule):
    """A network with its objective. A subclass defines `forward(batch) -> Prediction` and `feature_dim`.

    Args:
        objective: None if it is set later: centers and proxies need the width of the feature, which the network knows.
        augment: function from uint8 images of a batch to normalized floats; random in training.
        metrics: metrics by name. A metric is not computed if the validation rows lack its labels.
        optimizer: function from parameters to optimizer.
        rates: factors of the learning rate, by prefix of the parameter names. The longest matching prefix counts.
        scheduler: None, or a dictionary with `interval` (step or epoch) and `scheduler`, a function from optimizer to
            learning rate scheduler.
        seed: the random numbers of step n depend only on (seed, n, rank). A run that continues from a checkpoint
            therefore repeats exactly what it would have done, and no random state needs to be stored.
    """

    objective: Objective

    def __init__(
        self,
        objective: Objective | None,
        augment: Plain,
        metrics: dict[str, Metric],
        optimizer: Callable[..., torch.optim.Optimizer],
        scheduler: dict[str, Any] | None = None,
        rates: Mapping[str, float] | None = None,
        seed: int = 0,
    ):
        super().__init__()
        if objective is not None:
            self.objective = objective
        self.augment = augment
        self.metrics = metrics
        self.optimizer_from = optimizer
        self.scheduler_from = scheduler
        self.rates = dict(rates or {})
        self.seed = seed
        self.validation = {name: PredictionTable() for name in PASSES}
        self._frozen: list[nn.Module] = []

    def train(self, mode: bool = True) -> "Method":
        """Set training or evaluation mode; frozen modules stay in evaluation mode."""
        super().train(mode)
        for module in self._frozen:
            module.eval()
        return self

    def keep_evaluating(self, modules: Sequence[nn.Module]) -> None:
        """Keep these modules in evaluation mode from now on, in addition to modules that are already kept so."""
        self._frozen += modules
        self.train(self.training)

    def forward(self, batch: Batch) -> Prediction:
        """Predict for a batch whose images are augmented."""
        raise TypeError(f"{type(self).__name__} defines no forward pass")

    @property
    def feature_dim(self) -> int:
        """Width of `Prediction.feature`, which losses read."""
        raise TypeError(f"{type(self).__name__} does not say how wide its feature is")

    @property
    def seen(self) -> Sequence[str]:
        """What the network reads: `face`, `context` or both."""
        return ("face",)

    def streams(self, batch: Batch) -> list[Stream]:
        """Return the parts that read the images of a batch, the face first; empty if a method does not define them."""
        return []

    def check_data(self, data: FaceData) -> None:
        """Raise an error for data that the method cannot train on, or warn of missing parts; most take any data."""

    def on_after_batch_transfer(self, batch: Batch, dataloader_idx: int) -> Batch:
        """Augment on the device, with the random seed of this step."""
        if self.trainer.training:
            seed = step_seed(self.seed, num_batches_done(self.trainer), self.global_rank)
            seed_generators(seed, self.device)
        return self.augmented(batch)

    def augmented(self, batch: Batch) -> Batch:
        """Return the batch in the form that the network takes."""
        augmented: Batch = self.augment(batch)
        return augmented

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Compute the objective of one batch; log its terms, the attention levels and the diagnostics of its losses."""
        prediction = self(batch)
        self.objective.epoch = self.current_epoch
        total, terms = self.objective(prediction, batch)
        if prediction.attention is not None:
            self.log_dict(attention_levels(prediction.attention.detach()), batch_size=len(batch))
        notes = {f"train/{name}": value for name, value in self.objective.diagnostics().items()}
        self.log_dict(notes, batch_size=len(batch))
        self.log_dict({f"train/{name}": value for name, value in terms.items()}, batch_size=len(batch))
        self.log("train/loss", total.detach(), batch_size=len(batch))
        return total

    def optimizer_step(self, *args: Any, **kwargs: Any) -> None:
        """Step the optimizer, then move the centers by the features of the same forward pass."""
        super().optimizer_step(*args, **kwargs)
        self.objective.step_centers()

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Refuse to save a training that has diverged; an epoch ends with a checkpoint."""
        self.objective.require_finite()

    def validation_step(self, batch: Batch, batch_idx: int, dataloader_idx: int = 0) -> None:
        """Collect predictions."""
        self.validation[PASSES[dataloader_idx]].add(batch, self(batch))

    def on_validation_epoch_end(self) -> None:
        """Compute each metric once, over the whole split and all processes; a mean over batches would differ."""
        tables, self.validation = self.validation, {name: PredictionTable() for name in PASSES}
        for split, table in tables.items():
            if not table.parts:
                continue
            columns = table.gathered({name for metric in self.metrics.values() for name in metric.reads})
            if self.trainer.sanity_checking:
                continue
            self._warn_of_divergence(columns)
            for name, metric in self.metrics.items():
                if metric.is_possible(columns):
                    self.log(f"{split}/{name}", metric(columns), rank_zero_only=True)

    def _warn_of_divergence(self, columns: dict[str, np.ndarray]) -> None:
        data = getattr(self.trainer, "datamodule", None)
        if data is not None and self.trainer.is_global_zero and (said := diverged(columns, data.store.scale)):
            warnings.warn(f"epoch {self.current_epoch + 1}: {said}", stacklevel=1)

    @property
    def learning_rate(self) -> float:
        """Learning rate of parameters without a factor of their own, before any step of the schedule."""
        rate: float = self.optimizer_from([nn.Parameter(torch.zeros(1))]).defaults["lr"]
        return rate

    def configure_optimizers(self) -> Any:
        """Return one optimizer for all parameters; centers are buffers and move by their own rule."""
        optimizer = self.optimizer_from(self.parameter_groups())
        if self.scheduler_from is None:
            return optimizer
        scheduler = {
            "scheduler": self.scheduler_from["scheduler"](optimizer),
            "interval": self.scheduler_from["interval"],
        }
        return {"optimizer": optimizer, "lr_scheduler": scheduler}

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Group the parameters by their learning rate.

        The learning rate of a parameter is that of the optimizer times a factor. Factors belong to prefixes of names;
        the longest matching prefix counts. They come from `rates`, and from the `rate` of each loss term, for the
        prefix `objective.losses.<name>.`; `rates` wins for the same prefix. Without a prefix, the factor is 1.

        Raises:
            ConfigError: a prefix in `rates` matches no parameter.
        """
        named = {name: p for name, p in self.named_parameters() if p.requires_grad}
        of_terms = {f"objective.losses.{name}.": term.rate for name, term in self.objective.terms.items()}
        rates = {start: rate for start, rate in of_terms.items() if rate != 1} | self.rates
        groups: dict[str, list[nn.Parameter]] = {start: [] for start in ("", *rates)}
        for name, parameter in named.items():
            groups[max((start for start in groups if name.startswith(start)), key=len)].append(parameter)
        for start in self.rates:
            if not groups[start]:
                parts = sorted({".".join(name.split(".")[:2]) for name in named})
                raise ConfigError(f"rates.{start} fits no parameter; {nearest(start, parts)}")
        return [
            {"params": parameters} | ({"lr": self.learning_rate * rates[start]} if start else {})
            for start, parameters in groups.items()
            if parameters
        ]


def step_seed(seed: int, step: int, rank: int) -> int:
    """Return a seed in [0, 2**64) for one step of one process; hashed, because generators on a CPU read 32 bits."""
    return int(np.random.SeedSequence([seed, step, rank]).generate_state(1, np.uint64)[0])


def attention_levels(attention: Tensor) -> dict[str, Tensor]:
    """Mean, smallest and largest attention weight of a batch, and the mean entropy in nats, to be logged.

    The entropy of a weight is that of a binary choice: ln 2 at 0.5, and 0 at 0 and at 1. A weight above 1, which
    normalization can give, counts as 1.

    Args:
        attention: (B, dim), 0 or more, detached.
    """
    attention = attention.float()
    share = attention.clamp(max=1)
    return {
        "train/mean_attention": attention.mean(),
        "train/min_attention": attention.min(),
        "train/max_attention": attention.max(),
        "train/attention_entropy": (torch.special.entr(share) + torch.special.entr(1 - share)).mean(),
    }
