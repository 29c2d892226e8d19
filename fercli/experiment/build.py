"""From a composed configuration to the objects that train: the only place where sizes are filled in."""

import math
import warnings
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from inspect import signature
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
import yaml
from torch import Tensor, nn

from fercli.backbones.frozen_norm import frozen_norm
from fercli.batch import Batch, FitsLabels
from fercli.catalog import CONF, choices
from fercli.config import Config, instantiate, plain, unresolved
from fercli.datasets.channels import channel_statistics
from fercli.datasets.datamodule import FaceData
from fercli.datasets.labels import training_labels
from fercli.datasets.splits import Split, chooses_epoch, split_rows
from fercli.datasets.store import Store
from fercli.errors import ConfigError, DataError
from fercli.experiment.options import check_options, num_steps
from fercli.losses.objective import PREDICTED, Objective
from fercli.methods.base import Method
from fercli.methods.dlga import DLGA
from fercli.methods.table import PredictionTable
from fercli.metrics.metric import LABELS

# The columns of a store that a label field of a batch is made of: with one of them missing, the field is.
COLUMNS_OF = {name: (name,) for name in ("expression", "votes", "valence", "arousal", "score", "age")} | {
    "affect": ("valence", "arousal")
}


def build_data(cfg: Config, store: Store) -> FaceData:
    """The rows of a run.

    Raises:
        ConfigError: an option is not what it must be.
        DataError: the store holds another data set than the configuration, or lacks a split.
    """
    check_options(cfg)
    if store.name != cfg.data.name:
        raise DataError(f"{store.path} holds '{store.name}', but data={cfg.choices.data} was asked for")
    if cfg.inputs.context and store.table.column("context").null_count:
        raise DataError(
            f"{cfg.choices.method} reads the scene around each face, which {store.path} does not hold; "
            "preprocess the data set again with context.keep=true"
        )
    if cfg.inputs.hide_face:
        check_boxes(cfg, store)
    return face_data(cfg, store, run_split(cfg, store))


def run_split(cfg: Config, store: Store) -> Split:
    """The rows that a run trains, validates and evaluates on.

    Raises:
        DataError: the store lacks a split.
    """
    rule = cfg.selection
    with_validation = rule.get("with_validation", False)  # an option of selection=last
    return split_rows(store, rule.rule, rule.holdout, cfg.seed, cfg.num_train_rows, cfg.train_share, with_validation)


def check_boxes(cfg: Config, store: Store) -> None:
    """Warn of scenes in which no face can be hidden, because none was found.

    Raises:
        ConfigError: no scene is read.
        DataError: no row of the store has the box of a face.
    """
    if not cfg.inputs.context:
        raise ConfigError(
            "inputs.hide_face=true hides the face in its scene, which is not read; set inputs.context=true"
        )
    without = int(store.table.column("face_box").null_count)
    if without == len(store):
        raise DataError(
            f"{cfg.choices.method} reads scenes in which the face is hidden, and {store.path} tells of no face where "
            "it is: its images came as ready crops, or no face was found. Prepare whole images with a detector, or "
            "set inputs.hide_face=false, which is another method"
        )
    if without:
        warnings.warn(
            f"{without:,} of {len(store):,} scenes of {store.path} hide no face, because none was found in them",
            stacklevel=2,
        )


def face_data(cfg: Config, store: Store, split: Split) -> FaceData:
    """These rows of a store, in the batches and colors that the configuration asks for."""
    return FaceData(
        store=store,
        split=split,
        sampler=instantiate(cfg.sampler),
        batch_size=cfg.trainer.batch_size,
        channels=cfg.data.get("channels", 3),
        num_workers=cfg.trainer.num_workers,
        with_mask=any("mask" in term.reads for term in cfg.loss.values() if term is not None),
        with_context=cfg.inputs.context,
        hide_face=cfg.inputs.hide_face,
        clip=None if cfg.inputs.clip is None else plain(cfg.inputs.clip),
        seed=cfg.seed,
    )


def build_method(cfg: Config, data: FaceData) -> Method:
    """The method as it starts to train, its weights drawn from the seed. Fills in `cfg.sizes`.

    Raises:
        ConfigError: the optimizer or the schedule refuses its options; a loss, or the metric that chooses the epoch,
            reads what the method does not predict.
        DataError: a loss reads a label that no row of the store carries.
    """
    pl.seed_everything(cfg.seed, verbose=False)
    backbone = instantiate(cfg.backbone)
    steps = math.ceil(len(data.train_batches()) / cfg.trainer.accumulate_grad_batches)
    cfg.sizes.num_classes = len(data.store.classes)
    cfg.sizes.dim = backbone.dim
    cfg.sizes.map = map_shape(backbone, cfg)
    cfg.sizes.steps_per_epoch = steps
    cfg.sizes.num_steps = num_steps(cfg.trainer, steps)
    if "${sizes.mean}" in unresolved(cfg)["augment"].values():  # it takes seconds
        cfg.sizes.mean, cfg.sizes.std = channel_statistics(data.store, data.channels)
    method = _assemble(cfg, backbone, data.store.classes)
    require_labels(cfg, method, data)
    if isinstance(method, DLGA):
        check_generic_face(method, data)
    labels = training_labels(data.store, data.first_rows(data.split.train))
    for module in method.modules():
        if isinstance(module, FitsLabels):
            module.fit(labels)
    require_predictions(cfg, method, data)
    try:
        method.configure_optimizers()
    except (TypeError, ValueError) as error:
        raise ConfigError(f"the optimizer or the scheduler refuses its options: {error}") from error
    if cfg.trainer.compile:
        backbone.compile()
    return method


def rebuild_method(cfg: Config, classes: Sequence[str]) -> Method:
    """The method of a saved configuration, to be filled with the weights of a checkpoint.

    Args:
        classes: of the run, in label order.
    """
    no_download = {"weights": None} if "weights" in cfg.backbone else {}
    return _assemble(cfg, instantiate(cfg.backbone, **no_download), classes)


def _assemble(cfg: Config, backbone: nn.Module, classes: Sequence[str]) -> Method:
    of_images = all(parameter.dim() < 5 for parameter in backbone.parameters())  # the layout is one of images
    if cfg.trainer.channels_last and of_images:  # not for speed alone: a run judged again must give the same digits
        backbone.to(memory_format=torch.channels_last)
    shared = {
        "objective": None,
        "augment": instantiate(cfg.augment),
        "metrics": {name: instantiate(metric).for_classes(classes) for name, metric in cfg.metrics.items()},
        "optimizer": instantiate(cfg.optimizer),
        "scheduler": None,
        "rates": None if cfg.rates is None else plain(cfg.rates),
        "seed": cfg.seed,
    }
    if cfg.scheduler is not None:
        shared["scheduler"] = {"interval": cfg.scheduler.interval, "scheduler": instantiate(cfg.scheduler.scheduler)}
    # The network is drawn first, so that methods which differ in their losses alone start from the same weights.
    head = _build_head(cfg.head, classes)
    method: Method = instantiate(cfg.method, _partial_=True)(backbone=backbone, head=head, **shared)
    method.keep_evaluating(frozen_norm(backbone, cfg.trainer.freeze_norm))
    cfg.sizes.feature_dim = method.feature_dim
    terms = {name: instantiate(term) for name, term in cfg.loss.items() if term is not None}
    method.objective = Objective(terms, instantiate(cfg.center_bank), cfg.trainer.global_batch)
    return method


def _build_head(node: Any, classes: Sequence[str]) -> Any:
    """The head, told the names of the classes where it takes them. They come from data: no configuration has them."""
    build = instantiate(node, _partial_=True)
    if build is None:
        return None
    if "classes" in signature(build).parameters:
        build = partial(build, classes=list(classes))
    return build if node.get("_partial_") else build()


def map_shape(backbone: nn.Module, cfg: Config) -> list[int] | None:
    """Channels, height and width of the last feature map for the images of this configuration; None without a map."""
    training = backbone.training
    with torch.inference_mode():
        features = backbone.eval()(_blank(cfg, backbone))
    backbone.train(training)
    return None if features.map is None else list(features.map.shape[1:])


def _blank(cfg: Config, network: nn.Module) -> Tensor:
    """One augmented image of this configuration, or one clip, of zeros, where the network is."""
    channels, side = cfg.data.get("channels", 3), cfg.augment.size
    frames = [] if cfg.inputs.clip is None else [cfg.inputs.clip.length]
    return torch.zeros(1, *frames, channels, side, side, device=next(network.parameters()).device)


def require_labels(cfg: Config, method: Method, data: FaceData) -> None:
    """Raise DataError where something reads labels that none of its rows carries together, before any training."""
    readers = [(f"loss '{name}'", term.reads) for name, term in method.objective.terms.items()]
    readers += [(type(m).__name__, m.fits) for m in method.modules() if isinstance(m, FitsLabels)]
    _require(readers, data.store, data.split.train, "training")
    if chooses_epoch(cfg.selection.rule):
        monitor = cfg.selection.monitor
        chosen = [(f"selection.monitor={monitor}", method.metrics[monitor].reads)]
        _require(chosen, data.store, data.split.validation, "validation")


def require_predictions(cfg: Config, method: Method, data: FaceData) -> None:
    """Raise ConfigError where a loss, or the metric that chooses the epoch, reads what the method does not predict."""
    image = _blank(cfg, method)
    batch = Batch(["blank"], image, context=image if cfg.inputs.context else None)
    training = method.training
    with torch.inference_mode():
        prediction = method.eval()(batch)
    method.train(training)
    for name, term in method.objective.terms.items():
        for field in term.reads:
            if field in PREDICTED and getattr(prediction, field) is None:
                raise ConfigError(
                    f"loss '{name}' reads '{field}', which method={cfg.choices.method} with head={cfg.choices.head} "
                    f"does not produce; leave it out with ~loss.{name}, or choose a head that produces it"
                )
    if not chooses_epoch(cfg.selection.rule):
        return
    table = PredictionTable()
    table.add(batch, prediction)
    monitor, predicted = cfg.selection.monitor, table.columns()
    lacking = [name for name in method.metrics[monitor].reads if name not in (*predicted, *LABELS)]
    if lacking:
        rows = data.split.validation
        carried = [name for name in LABELS if _known(data.store, rows, name).any()]  # type: ignore[union-attr]
        raise ConfigError(
            f"selection.monitor={monitor} reads {' and '.join(map(repr, lacking))}, which method={cfg.choices.method} "
            f"does not predict; {_monitors(method, {*predicted, *carried})}, or choose no epoch with selection=last"
        )


def _monitors(method: Method, columns: AbstractSet[str]) -> str:
    """By what the epoch can be chosen: metrics of this run that these columns are enough for, or else others."""
    if fitting := [name for name, metric in method.metrics.items() if columns >= set(metric.reads)]:
        return f"it can be monitored by {', '.join(fitting)}"
    packaged = {name: yaml.safe_load((CONF / f"metrics/{name}.yaml").read_text()) for name in choices("metrics")}
    others = [
        f"metrics=[{name}] ({', '.join(metrics)})"
        for name, metrics in packaged.items()
        if all(columns >= set(metric["reads"]) for metric in metrics.values())
    ]
    return f"no metric of this run can be monitored, but those of {' or '.join(others)} can"


def check_generic_face(method: DLGA, data: FaceData) -> None:
    """Warn of faces whose patches lie where a generic face has them, because they come without 68 landmarks.

    Raises:
        ConfigError: that generic face does not fit the crops of the store.
    """
    store, rows = data.store, np.concatenate([data.split.train, data.split.evaluation])
    without = int((~store.has_landmarks[rows]).sum())
    if not without:
        return
    crop, margin = store.meta.get("options", {}).get("crop", {}), method.template_margin
    if crop and (crop["align"], crop["margin"]) != ("five_point", margin):
        raise ConfigError(
            f"{without:,} of {len(rows):,} faces of {store.path} have no 68 landmarks, and the generic face that "
            f"stands for theirs fits crops of crop.align=five_point crop.margin={margin:g}; the store has "
            f"crop.align={crop['align']} crop.margin={crop['margin']:g}. Prepare it with landmarks=dlib, or as "
            "expected, or give method.template_margin"
        )
    warnings.warn(
        f"{without:,} of {len(rows):,} faces of {store.path} have no 68 landmarks: their patches lie where a generic "
        "face has eyes and mouth; landmarks=dlib of fercli preprocess finds them",
        stacklevel=2,
    )


def _require(readers: Sequence[tuple[str, Sequence[str]]], store: Store, rows: np.ndarray, kind: str) -> None:
    for reader, names in readers:
        known = {name: found for name in names if (found := _known(store, rows, name)) is not None}
        for name, found in known.items():
            if not found.any():
                raise DataError(f"{reader} reads '{name}', which no {kind} row of {store.path} carries")
        if known and not np.logical_and.reduce([*known.values()]).any():
            together = " and ".join(f"'{name}'" for name in known)
            raise DataError(f"{reader} reads {together}, which no {kind} row of {store.path} carries together")


def _known(store: Store, rows: np.ndarray, field: str) -> np.ndarray | None:
    """(n,) bool: the rows that carry a label; None for what is no label of a store."""
    if field in COLUMNS_OF:
        labels = store.table.select(COLUMNS_OF[field]).take(rows)
        return np.logical_and.reduce([column.is_valid().to_numpy() for column in labels.columns])
    if field in ("landmarks", "mask"):
        return store.has_landmarks[rows]
    return store.sessions[rows] >= 0 if field == "session" else None
