"""The sizes of a training, which are known only once its store is open and its backbone and method are built.

Yaml files read them as `${sizes.<name>}`. They are written into the configuration at two moments:
- `write`, before the head is built: everything that follows from the store and the backbone;
- `write_feature_dim`, before the losses are built: the width of the feature that the built method gives.

Python code reads `Sizes` and `Method.feature_dim`, and never these values in the configuration.
"""

import math
from dataclasses import asdict, dataclass

import torch
from torch import nn

from fercli.config import Config, unresolved
from fercli.datasets.channels import channel_statistics
from fercli.datasets.datamodule import FaceData
from fercli.engine.predicted_columns import blank
from fercli.engine.run_options import InputOptions, TrainerOptions, run_options


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the store and the backbone say about a training.

    Attributes:
        num_classes: number of classes of the store.
        dim: width of the feature vector of the backbone, which the head reads.
        map: number of channels, height and width of the last feature map of the backbone, height and width in cells of
            the map; None for a backbone without a map.
        mean: mean of each channel of the training images, in [0, 1]; None unless `augment` reads it.
        std: standard deviation of each channel of the training images, in [0, 1]; None where `mean` is None.
        num_levels: number of whole scores from 0 to the highest of the store's scale of severity.
        num_steps: optimizer steps of the whole training.
        steps_per_epoch: optimizer steps of a whole epoch.
    """

    num_classes: int
    dim: int
    map: tuple[int, ...] | None
    mean: tuple[float, ...] | None
    std: tuple[float, ...] | None
    num_levels: int
    num_steps: int
    steps_per_epoch: int

    @property
    def num_epochs(self) -> float:
        """Epochs of the whole training; not a whole number if `trainer.max_steps` ends it within an epoch."""
        return self.num_steps / self.steps_per_epoch


def sizes_of(cfg: Config, data: FaceData, backbone: nn.Module) -> Sizes:
    """Return the sizes of a training; the images are read for `mean` and `std`, which takes seconds."""
    options = run_options(cfg)
    steps = math.ceil(len(data.train_batches()) / options.trainer.accumulate_grad_batches)
    mean = std = None
    if "${sizes.mean}" in unresolved(cfg)["augment"].values():
        rows = data.store.rows("train") if cfg.get("folds") is None else data.split.train
        mean, std = (tuple(values) for values in channel_statistics(data.store, rows, data.channels))
    return Sizes(
        num_classes=len(data.store.classes),
        dim=int(backbone.dim),  # type: ignore[arg-type]
        map=_map_shape(options.inputs, backbone),
        mean=mean,
        std=std,
        num_levels=data.store.scale.num_levels,
        num_steps=_num_steps(options.trainer, steps),
        steps_per_epoch=steps,
    )


def write(cfg: Config, sizes: Sizes) -> None:
    """Write sizes into the configuration. Without `mean` and `std`, reading them there stays an error."""
    cfg.sizes.update({name: value for name, value in asdict(sizes).items() if value is not None or name == "map"})


def write_feature_dim(cfg: Config, feature_dim: int) -> None:
    """Write the width of the method's feature, which losses and class centers read, into the configuration."""
    cfg.sizes.feature_dim = feature_dim


def _num_steps(trainer: TrainerOptions, steps_per_epoch: int) -> int:
    """Return the steps of `trainer.max_epochs`, or `trainer.max_steps` if that is smaller."""
    epochs, steps = trainer.max_epochs, trainer.max_steps
    limits = [steps, None if epochs is None else epochs * steps_per_epoch]
    return min(limit for limit in limits if limit is not None)


def _map_shape(inputs: InputOptions, backbone: nn.Module) -> tuple[int, ...] | None:
    """Return the shape of the last feature map for such an image or clip; None without a map."""
    training = backbone.training
    with torch.inference_mode():
        features = backbone.eval()(blank(inputs, backbone))
    backbone.train(training)
    return None if features.map is None else tuple(features.map.shape[1:])
