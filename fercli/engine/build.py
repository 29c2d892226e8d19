"""Build the objects of a training from a composed configuration."""

from collections.abc import Sequence
from functools import partial
from inspect import signature
from typing import Any

import pytorch_lightning as pl
import torch
from torch import nn

from fercli.backbones.frozen_norm import frozen_norm
from fercli.batch import FitsLabels
from fercli.config import Config, instantiate, plain, require
from fercli.datasets.datamodule import FaceData
from fercli.datasets.noise.noisy import NoisyLabels
from fercli.datasets.splits import Split, rows_of_fold, split_by_fold, split_rows
from fercli.datasets.store import Store
from fercli.engine.folds import divided, folds_of
from fercli.engine.lineage import apply, start_of
from fercli.engine.options import check_options
from fercli.engine.requirements import check_boxes, require_labels, require_predictions
from fercli.engine.run_options import run_options
from fercli.engine.sizes import Sizes, sizes_of, write, write_feature_dim
from fercli.engine.workers import num_workers, on_gpu
from fercli.errors import ConfigError, DataError
from fercli.losses.objective import Objective
from fercli.methods.base import Method
from fercli.own_code import raised_by_own_code
from fercli.scales import Scale


def build_data(cfg: Config, store: Store) -> FaceData:
    """Return the data of a run, after a check of its options.

    Raises:
        ConfigError: an option is not what it must be.
        DataError: the store holds another data set than the configuration names, or lacks a split; or the method
            reads scenes or faces' boxes that the store does not hold.
    """
    check_options(cfg)
    options = run_options(cfg)
    if store.name != options.data:
        raise DataError(
            f"{store.path} holds '{store.name}', but data={options.choices.data} was asked for. Give another store, or "
            f"data={store.name}; if you chose the name {store.name} yourself, add data.name={store.name}"
        )
    if options.inputs.context and store.table.column("context").null_count:
        raise DataError(
            f"{options.choices.method} reads the scene around each face, which {store.path} does not hold; "
            "preprocess the data set again with context.keep=true"
        )
    if options.inputs.hide_face:
        check_boxes(options, store)
    split = run_split(cfg, store)
    return face_data(cfg, store, split, noise=_noise(cfg, store, split))


def _noise(cfg: Config, store: Store, split: Split) -> NoisyLabels | None:
    if cfg.get("noise") is None:
        return None
    require(cfg, *(f"noise.{key}" for key in ("file", "matrix") if key in [*cfg.noise]))  # `in` is False for `???`
    folds = folds_of(cfg)  # all rows to train on, since noise does not depend on which share of them a run takes
    pool = store.rows("train") if folds is None else rows_of_fold(divided(cfg, store), folds, cfg.seed)[0]
    noisy: NoisyLabels = instantiate(cfg.noise).of(store, split.train, pool)
    return noisy


def run_split(cfg: Config, store: Store) -> Split:
    """Return the rows that a run trains, validates and evaluates on.

    Raises:
        DataError: the store lacks a split, or the audit that `twins=near` needs.
    """
    store, options = divided(cfg, store), run_options(cfg)
    rule = options.selection
    rows = (rule.rule, rule.holdout, options.seed, options.num_train_rows, options.train_share)
    if (folds := folds_of(cfg)) is None:
        return split_rows(store, *rows, rule.with_validation)
    if rule.with_validation:
        raise ConfigError("folds already divide the validation split; remove selection.with_validation=true")
    return split_by_fold(store, folds, *rows)


def face_data(
    cfg: Config, store: Store, split: Split, with_mask: bool = False, noise: NoisyLabels | None = None
) -> FaceData:
    """Return the rows of a split as data for a training, with the batch size and channels of the configuration."""
    options = run_options(cfg)
    trainer, inputs = options.trainer, options.inputs
    return FaceData(
        store=store,
        split=split,
        sampler=instantiate(cfg.sampler),
        batch_size=trainer.batch_size,
        channels=inputs.channels,
        num_workers=num_workers(trainer),
        fewer_workers=trainer.num_workers == "auto",
        pin_memory=on_gpu(trainer),
        with_mask=with_mask,
        with_context=inputs.context,
        hide_face=inputs.hide_face,
        meter=options.selection.is_metered,
        clip=inputs.clip,
        seed=options.seed,
        noise=noise,
    )


def build_method(cfg: Config, data: FaceData) -> tuple[Method, Sizes]:
    """Return the method before its training, and the sizes that it was built with.

    Its weights are drawn from the seed; those that match are then taken from the run that `init` names.

    The sizes are written into the configuration, where yaml files read them. `data.with_mask` is set: only the built
    losses say whether they read the mask.

    Raises:
        ConfigError: the optimizer or the schedule refuses its options; a loss, or the metric that chooses the epoch,
            reads what the method does not predict.
        DataError: a loss, or the metric that chooses the epoch, reads a label that no row of its split carries.
    """
    options = run_options(cfg)
    pl.seed_everything(options.seed, verbose=False)
    backbone = instantiate(cfg.backbone)
    sizes = sizes_of(cfg, data, backbone)
    write(cfg, sizes)
    method = _build_network(cfg, backbone, data.store.classes, data.store.scale)
    write_feature_dim(cfg, method.feature_dim)
    method.objective = _build_objective(cfg)
    if (start := start_of(cfg.get("init"), method, data.store.classes)) is not None:
        apply(start, method)
    data.with_mask = "mask" in method.objective.reads
    require_labels(options, method, data)
    method.check_data(data)
    labels = data.training_labels()
    for module in method.modules():
        if isinstance(module, FitsLabels):
            module.fit(labels)
    require_predictions(options, method, data)
    try:
        method.configure_optimizers()
    except (TypeError, ValueError) as error:
        if raised_by_own_code(error):
            raise
        raise ConfigError(f"the optimizer or the scheduler refuses its options: {error}") from error
    if cfg.trainer.compile:
        backbone.compile()
    return method, sizes


def rebuild_method(cfg: Config, classes: Sequence[str], scale: Scale) -> Method:
    """Return the method of a saved configuration, ready to load the weights of a checkpoint.

    Args:
        classes: names of the run's classes, in label order.
        scale: of the run's severity scores.
    """
    no_download = {"weights": None} if "weights" in cfg.backbone else {}
    method = _build_network(cfg, instantiate(cfg.backbone, **no_download), classes, scale)
    method.objective = _build_objective(cfg)
    return method


def _build_network(cfg: Config, backbone: nn.Module, classes: Sequence[str], scale: Scale) -> Method:
    """Build the method without its losses.

    Its weights are drawn before those of the losses: methods that differ only in losses start equal.
    """
    of_images = all(parameter.dim() < 5 for parameter in backbone.parameters())  # no 3D convolution
    if cfg.trainer.channels_last and of_images:  # a second evaluation must give the same digits
        backbone.to(memory_format=torch.channels_last)
    shared = {
        "objective": None,
        "augment": instantiate(cfg.augment),
        "metrics": {name: instantiate(metric).for_data(classes, scale) for name, metric in cfg.metrics.items()},
        "optimizer": instantiate(cfg.optimizer),
        "scheduler": None,
        "rates": None if cfg.rates is None else plain(cfg.rates),
        "seed": cfg.seed,
    }
    if cfg.scheduler is not None:
        shared["scheduler"] = {"interval": cfg.scheduler.interval, "scheduler": instantiate(cfg.scheduler.scheduler)}
    head = _build_head(cfg.head, {"classes": list(classes), "severity_scale": scale})
    method: Method = instantiate(cfg.method, _partial_=True)(backbone=backbone, head=head, **shared)
    method.keep_evaluating(frozen_norm(backbone, cfg.trainer.freeze_norm))
    return method


def _build_objective(cfg: Config) -> Objective:
    terms = {name: instantiate(term) for name, term in cfg.loss.items() if term is not None}
    return Objective(terms, instantiate(cfg.center_bank), cfg.trainer.global_batch)


def _build_head(node: Any, of_data: dict[str, Any]) -> Any:
    """Build the head. Pass it the names of the classes and the scale if it takes them: both come from the data."""
    build = instantiate(node, _partial_=True)
    if build is None:
        return None
    build = partial(build, **{name: value for name, value in of_data.items() if name in signature(build).parameters})
    return build if node.get("_partial_") else build()
