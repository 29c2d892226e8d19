"""The protocol of a run's numbers, from its configuration and its store. Imports no network library."""

from collections.abc import Set as AbstractSet

import numpy as np

from fercli.config import Config, instantiate
from fercli.datasets.splits import FOLD
from fercli.datasets.store import Store
from fercli.engine.crop_words import crop_in_words, detector_of
from fercli.engine.folds import folds_of, rule_in_words, split_in_words
from fercli.engine.pretraining_words import pretraining
from fercli.engine.run_options import run_options
from fercli.protocol import NOT_SAID, Protocol

SPLITS = {"train": "training", "val": "validation", "test": "test"}  # split of a store: its name in print
GENERIC = "generic"


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
