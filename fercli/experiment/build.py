"""From a composed configuration to the objects that train: the only place where sizes are filled in."""

import math
from typing import Any

import pytorch_lightning as pl
import torch
from torch import nn

from fercli.config import Config, instantiate
from fercli.datasets.datamodule import FaceData
from fercli.datasets.splits import split_rows
from fercli.datasets.store import Store
from fercli.errors import ConfigError, DataError, nearest
from fercli.losses.objective import Objective
from fercli.methods.base import Method

# The column of a store that tells whether a label field of a batch is there.
COLUMN_OF = {"expression": "expression", "votes": "votes", "affect": "valence", "score": "score", "age": "age"}


def build_data(cfg: Config, store: Store) -> FaceData:
    """The rows of a run.

    Raises:
        ConfigError: the seed is no whole number, or the epoch is to be chosen by something that does not exist.
        DataError: the store holds another data set than the configuration, or lacks a split.
    """
    if not isinstance(cfg.seed, int) or cfg.seed < 0:
        raise ConfigError(f"expected seed as a whole number, at least 0; found {cfg.seed}")
    monitor = cfg.selection.monitor
    if monitor not in cfg.metrics:
        raise ConfigError(f"no metric named '{monitor}'; {nearest(monitor, [*cfg.metrics])}")
    if cfg.selection.mode not in ("max", "min"):
        raise ConfigError(f"expected selection.mode=max or min, found {cfg.selection.mode}")
    if store.name != cfg.data.name:
        raise DataError(f"{store.path} holds '{store.name}', but data={cfg.choices.data} was asked for")
    split = split_rows(store, cfg.selection.rule, cfg.selection.holdout, cfg.seed, cfg.num_train_rows)
    return face_data(cfg, store, split)


def face_data(cfg: Config, store: Store, split: Any) -> FaceData:
    """These rows of a store, in the batches and colors that the configuration asks for."""
    return FaceData(
        store=store,
        split=split,
        sampler=instantiate(cfg.sampler),
        batch_size=cfg.trainer.batch_size,
        channels=cfg.data.get("channels", 3),
        num_workers=cfg.trainer.num_workers,
        seed=cfg.seed,
    )


def build_method(cfg: Config, data: FaceData) -> Method:
    """The method as it starts to train, its weights drawn from the seed. Fills in `cfg.sizes`.

    Raises:
        ConfigError: the optimizer or the schedule refuses its options.
        DataError: a loss reads a label that no row of the store carries.
    """
    for key in ("max_epochs", "batch_size", "accumulate_grad_batches"):
        value = cfg.trainer[key]
        if not isinstance(value, int) or value < 1:
            raise ConfigError(f"expected trainer.{key} as a whole number, at least 1; found {value}")
    pl.seed_everything(cfg.seed, verbose=False)
    backbone = instantiate(cfg.backbone)
    steps = math.ceil(len(data.train_batches()) / cfg.trainer.accumulate_grad_batches)
    cfg.sizes.num_classes = len(data.store.classes)
    cfg.sizes.dim = backbone.dim
    cfg.sizes.steps_per_epoch = steps
    cfg.sizes.num_steps = steps * cfg.trainer.max_epochs
    method = _assemble(cfg, backbone)
    require_labels(method.objective, data.store)
    try:
        method.configure_optimizers()
    except (TypeError, ValueError) as error:
        raise ConfigError(f"the optimizer or the scheduler refuses its options: {error}") from error
    if cfg.trainer.compile:
        backbone.compile()
    return method


def rebuild_method(cfg: Config) -> Method:
    """The method of a saved configuration, to be filled with the weights of a checkpoint."""
    no_download = {"weights": None} if "weights" in cfg.backbone else {}
    return _assemble(cfg, instantiate(cfg.backbone, **no_download))


def _assemble(cfg: Config, backbone: nn.Module) -> Method:
    if cfg.trainer.channels_last:  # not for speed alone: a run judged again must give the same digits
        backbone.to(memory_format=torch.channels_last)
    # The network is drawn first, so that methods which differ in their losses alone start from the same weights.
    head = instantiate(cfg.head)
    terms = {name: instantiate(term) for name, term in cfg.loss.items() if term is not None}
    shared = {
        "objective": Objective(terms, instantiate(cfg.center_bank)),
        "augment": instantiate(cfg.augment),
        "metrics": {name: instantiate(metric) for name, metric in cfg.metrics.items()},
        "optimizer": instantiate(cfg.optimizer),
        "scheduler": None,
        "seed": cfg.seed,
    }
    if cfg.scheduler is not None:
        shared["scheduler"] = {"interval": cfg.scheduler.interval, "scheduler": instantiate(cfg.scheduler.scheduler)}
    method: Method = instantiate(cfg.method, _partial_=True)(backbone=backbone, head=head, **shared)
    return method


def require_labels(objective: Objective, store: Store) -> None:
    """Raise DataError where a loss reads a label that no row carries, before any training."""
    for name, term in objective.terms.items():
        for field in term.reads:
            if field in COLUMN_OF and store.table.column(COLUMN_OF[field]).null_count == len(store):
                raise DataError(f"loss '{name}' reads '{field}', which no row of {store.path} carries")
