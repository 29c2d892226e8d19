"""The options of a training that code reads, as values.

`run_options` makes them from the composed configuration, at the border of `build`. Only code that builds an object from
its yaml, or that identifies a run, takes the configuration itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fercli.config import Config, plain
from fercli.datasets.splits import chooses_epoch


@dataclass(frozen=True, slots=True)
class SelectionOptions:
    """How the epoch is chosen that is evaluated: the group `selection`.

    Attributes:
        monitor: metric that chooses the epoch.
        holdout: share of the training split.
        patience: epochs without a better value; None: the training does not stop early.
        with_validation: whether the validation split of the data set is trained on.
        meter: whether the metrics of the evaluation split are recorded after each epoch.
    """

    rule: str
    monitor: str
    holdout: float
    patience: int | None
    with_validation: bool
    meter: bool

    @property
    def chooses_epoch(self) -> bool:
        """Whether a metric chooses the epoch."""
        return chooses_epoch(self.rule)

    @property
    def is_metered(self) -> bool:
        """Whether each validation also predicts the evaluation split. Rule `paper` sees that split anyway."""
        return self.meter and self.rule != "paper"


@dataclass(frozen=True, slots=True)
class TrainerOptions:
    """Sizes and hardware of a training: what fercli itself reads of the group `trainer`.

    Attributes:
        num_workers: processes that decode images, or `auto`.
        accelerator: `auto`, `cpu`, `gpu` or `cuda`.
        devices: number of GPUs or processes of each machine, or what else Lightning takes.
    """

    batch_size: int
    accumulate_grad_batches: int
    max_epochs: int | None
    max_steps: int | None
    num_workers: int | str
    accelerator: str
    devices: Any


@dataclass(frozen=True, slots=True)
class InputOptions:
    """What the network sees of a sample.

    Attributes:
        channels: of an image.
        gray: whether images are made gray.
        stored: side in pixels of the images in a store with the usual options of the data set.
        size: side in pixels that the network sees.
        whole: side in pixels of the image that `size` is cut from.
        context: whether the scene around the face is read.
        hide_face: whether the face in that scene is black.
        clip: options of clips, such as `length` in frames; None for single images.
    """

    channels: int
    gray: bool
    stored: int
    size: int
    whole: int
    context: bool
    hide_face: bool
    clip: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ChosenNames:
    """What was chosen in the groups that messages and tables name."""

    method: str
    head: str
    backbone: str
    data: str
    noise: str | None


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of one training.

    Attributes:
        data: name of the data set that the store must hold.
        train_share: share of the training split to train on; None for all.
        num_train_rows: number of training rows to train on; None for all.
    """

    data: str
    seed: int
    budget: str
    train_share: float | None
    num_train_rows: int | None
    choices: ChosenNames
    selection: SelectionOptions
    trainer: TrainerOptions
    inputs: InputOptions


def run_options(cfg: Config) -> RunOptions:
    """Return the options of a composed or saved configuration. An option that an older run lacks has its default."""
    selection, trainer, chosen = cfg.selection, cfg.trainer, cfg.choices
    return RunOptions(
        data=cfg.data.name,
        seed=cfg.seed,
        budget=cfg.budget,
        train_share=cfg.train_share,
        num_train_rows=cfg.num_train_rows,
        choices=ChosenNames(chosen.method, chosen.get("head"), chosen.backbone, chosen.data, chosen.get("noise")),
        selection=SelectionOptions(
            selection.rule,
            selection.monitor,
            selection.holdout,
            selection.patience,
            selection.get("with_validation", False),
            bool(selection.get("meter", False)),
        ),
        trainer=TrainerOptions(
            trainer.batch_size,
            trainer.accumulate_grad_batches,
            trainer.max_epochs,
            trainer.max_steps,
            trainer.num_workers,
            trainer.accelerator,
            trainer.devices,
        ),
        inputs=_inputs(cfg),
    )


def _inputs(cfg: Config) -> InputOptions:
    augment = cfg.augment
    size = whole = augment.get("size", cfg.data.size)
    if "resize" in augment:
        whole = augment.resize
    elif "crop" in augment:  # side of the crop as a share of the whole side
        whole = round(size / augment.crop)
    return InputOptions(
        channels=int(cfg.data.get("channels", 3)),
        gray=bool(cfg.data.get("gray")),
        stored=cfg.data.size,
        size=size,
        whole=whole,
        context=cfg.inputs.context,
        hide_face=cfg.inputs.hide_face,
        clip=None if cfg.inputs.clip is None else plain(cfg.inputs.clip),
    )
