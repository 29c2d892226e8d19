"""The protocol of a run's numbers, from its configuration and its store. Imports no network library."""

import os
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import numpy as np

from fercli.config import Config, instantiate
from fercli.datasets.splits import FOLD, evaluation_split, selection_split
from fercli.datasets.store import Store
from fercli.engine.crop_words import crop_in_words, detector_of
from fercli.engine.folds import folds_of, rule_in_words, split_in_words
from fercli.engine.run_options import run_options
from fercli.protocol import NEAR_TOGETHER, NOT_SAID, SELECTIONS, Protocol
from fercli.runs.folder import RunFolder
from fercli.runs.identity import RUN_FOLDER, weights_file

SPLITS = {"train": "training", "val": "validation", "test": "test"}  # split of a store: its name in print
PRETRAINED = {"imagenet": "ImageNet", "kinetics": "Kinetics-400"}
MS_CELEB = re.compile(r"ms[-_]?celeb|ms[-_]?1m", re.IGNORECASE)  # in names of files with weights
GENERIC = "generic"
RUN_WEIGHTS = "weights.ckpt"


def measured_protocol(cfg: Config, store: Store, split: str, selection: str, reads: AbstractSet[str]) -> Protocol:
    """Return the protocol of one run, evaluated on a split of a store.

    Facts that an older store does not record are "not said"; preprocess it again to add them.

    Args:
        split: as the store calls it, or as `fold_split` names a fold.
        selection: how the epoch was chosen: a key of `SELECTIONS`, or "not said".
        reads: the fields that the losses read.
    """
    facts = store.meta.get("protocol", {})
    folds = folds_of(cfg) if split.startswith(FOLD) else None
    classes = str(len(store.classes)) if store.classes else NOT_SAID
    return Protocol(
        dataset=facts.get("dataset", store.name),
        version=facts.get("version", NOT_SAID),
        split=split_in_words(folds, split, store) if folds else facts.get("splits", {}).get(split, SPLITS[split]),
        split_rule=rule_in_words(cfg, folds, store) if folds else facts.get("split_rule", NOT_SAID),
        labels=_labels(cfg, _labels_of(store, facts.get("labels", NOT_SAID))),
        classes=facts.get("classes", classes),
        crop=crop_in_words(run_options(cfg).inputs, store.meta),
        landmarks=_landmarks(cfg, store, split, reads),
        pretraining=pretraining(cfg.backbone.get("weights"), cfg.get("init")),
        selection=selection,
        criterion=cfg.selection.monitor if cfg.selection.rule in ("best", "paper") else NOT_SAID,
        aggregation="single",
        repeats="1",
        options=cfg.get("search") or NOT_SAID,
    )


def _labels_of(store: Store, told: str) -> str:
    """Return how the labels of a store are made, with the questionnaire that was chosen."""
    if store.score is None:
        return told
    chosen = f"{store.scale.name} score"
    return chosen if told == NOT_SAID else f"{told}; {chosen}"


def _labels(cfg: Config, of_store: str) -> str:
    """Return how the labels are made, and which noise was put into those of the training rows."""
    if cfg.get("noise") is None:
        return of_store
    noise = f"training labels with noise: {instantiate(cfg.noise).words}"
    return f"{of_store}; {noise}" if of_store else noise


def pretraining(weights: str | None, init: str | None = None) -> str:
    """Return the initial weights of a training in the words of published protocols; for other files, the file name.

    Args:
        weights: as `backbone.weights` gives them.
        init: the run that all weights start from, if there is one.

    Examples:
        >>> pretraining(None), pretraining("imagenet"), pretraining("weights/resnet18_msceleb.pth")
        ('none', 'ImageNet', 'MS-Celeb-1M')
        >>> pretraining("weights/my_faces.pth")
        'my_faces.pth'
        >>> pretraining("imagenet", "runs/dda_ferplus_resnet18_1a2b3c4d5e/seed0")
        'run 1a2b3c4d5e, seed 0'
    """
    if init is not None:
        return _run_in_words(Path(os.path.abspath(init)))
    if weights is None:
        return "none"
    file = Path(weights_file(weights))
    if file.name == RUN_WEIGHTS and RUN_FOLDER.search(str(file.parent)):
        return f"backbone of {_run_in_words(Path(os.path.abspath(file.parent)))}"
    name = file.name
    return PRETRAINED.get(weights) or ("MS-Celeb-1M" if MS_CELEB.search(name) else name)


def _run_in_words(path: Path) -> str:
    return f"run {RunFolder(path).run_id}, seed {path.name.removeprefix('seed')}"


def selection_on_own(cfg: Config, store: Store, split: str) -> str:
    """Return how the epoch was chosen, for a run that is evaluated on its own store: a key of `SELECTIONS`."""
    rule, near = cfg.selection.rule, cfg.get("twins", "equal") == "near"
    holdout = f"holdout{NEAR_TOGETHER}" if near else "holdout"
    if rule not in ("best", "paper"):
        return rule.replace("_", " ")
    if split.startswith(FOLD):  # on an inner part of the training folds
        return holdout
    chosen_on = selection_split(store.splits, rule)
    if chosen_on == split:
        return "reported split"
    if chosen_on is None:
        return holdout
    return "validation" if split == evaluation_split(store.splits) else "another split"


def selection_elsewhere(rule: str, recorded: Mapping[str, Any]) -> str:
    """Return how the epoch was chosen, for a run that is evaluated on another store.

    Args:
        recorded: `protocol` of the run's own metrics.json; older runs do not record all of it.
    """
    if rule == "paper":
        return "another split"
    known = str(recorded.get("selection", NOT_SAID)) if "dataset" in recorded else NOT_SAID
    return (
        known
        if rule == "best" and known.removesuffix(NEAR_TOGETHER) in SELECTIONS
        else NOT_SAID
        if rule == "best"
        else rule.replace("_", " ")
    )


def _landmarks(cfg: Config, store: Store, split: str, reads: AbstractSet[str]) -> str:
    """Return where landmarks come from: those that the network or a loss reads, else those for the alignment."""
    options = store.meta.get("options", {})
    found = f"{'dlib' if options.get('landmarks') else 'given'}, 68 points"
    if "template_margin" in cfg.method:  # the method reads landmarks, and uses those of a generic face where they lack
        return _with_generic(found, store.has_landmarks[store.rows(split)])
    if {"landmarks", "mask"} & reads:
        return found
    if not options:
        return NOT_SAID
    detector = detector_of(options)
    if detector == "whole image" or options["crop"]["align"] == "none":
        return "none"
    return f"{detector}, 5 points" if detector != "given" and not options.get("landmarks") else found


def _with_generic(found: str, has_landmarks: np.ndarray) -> str:
    without = int((~has_landmarks).sum())
    if without == 0:
        return found
    return GENERIC if without == len(has_landmarks) else f"{found}; {GENERIC} for {without:,}"
