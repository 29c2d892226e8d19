"""The cross-validation of a configuration. This module imports no network library, because planning uses it."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from fercli.config import Config, instantiate
from fercli.datasets.folds import LEFT_OUT, Folds
from fercli.datasets.near_together import dividing
from fercli.datasets.splits import FOLD, Split, beside, expect_fold
from fercli.datasets.store import Store
from fercli.protocol import NEAR_TOGETHER
from fercli.runs.identity import run_id

NESTED = "nested search"  # begins the option `search` of trainings whose options differ by fold


def folds_of(cfg: Config) -> Folds | None:
    """Return the folds of a configuration; None for the splits of the data set.

    Raises:
        ConfigError: one of its options is not what it must be.
    """
    return None if cfg.get("folds") is None else instantiate(cfg.folds)


def divided(cfg: Config, store: Store) -> Store:
    """Return the store as a configuration divides it: with near-duplicates together, or only equal images.

    Raises:
        DataError: near-duplicates are to stay together, and no audit has looked for them.
    """
    return dividing(store, cfg.get("twins", "equal"))


def cross_validation_id(config: Mapping[str, Any], data_fingerprint: str) -> str:
    """Return the run id of the cross-validation that joins all folds: that of a configuration without a fold.

    A random split has no option `fold`, and is joined with nothing: its id is that of the run itself. The options of a
    nested search differ by fold; the words of the search stand for all of them.

    Args:
        config: with unresolved interpolations, with `folds`.
        data_fingerprint: as `run_id` takes it.
    """
    if (how := str(config.get("search"))).startswith(NESTED):
        return nested_id(how)
    folds = {key: None if key == "fold" else value for key, value in config["folds"].items()}
    return run_id({**config, "folds": folds}, data_fingerprint)


def nested_id(how: str) -> str:
    """Return the run id that joins the folds of a nested search, from the words of the search, which have a key."""
    return hashlib.sha256(how.encode()).hexdigest()[:10]


def rule_in_words(cfg: Config, folds: Folds, store: Store) -> str:
    """Return how the folds are made, and whether near-duplicates stay together, for the field `split_rule`."""
    return folds.rule(store) + (NEAR_TOGETHER if cfg.get("twins", "equal") == "near" else "")


def split_in_words(folds: Folds, split: str, store: Store) -> str:
    """Return the rows of a fold for the field `split` of a protocol: `fold 2 of 5`, or `test` of a random split."""
    return "test" if folds.is_single else f"fold {split.removeprefix(FOLD)} of {folds.count(store)}"


def fold_facts(folds: Folds, store: Store, split: Split, seed: int, joined_id: str) -> dict[str, Any]:
    """Return what `metrics.json` keeps of the fold that a run was evaluated on.

    Args:
        split: rows of the run.
        seed: of the training.
        joined_id: run id of the cross-validation.
    """
    found = folds.assign(store, seed)
    fold = expect_fold(folds, len(found.names))
    others = np.flatnonzero((found.fold != fold) & (found.fold != LEFT_OUT))
    counts = {"train": len(split.train), "validation": len(split.validation), "evaluated": len(split.evaluation)}
    num_beside = int(beside(store, others, split.evaluation).sum())  # of a person or photograph that is evaluated
    about = {"cross_validation": joined_id, "fold": fold, "name": found.names[fold - 1], "num_folds": len(found.names)}
    return {"folds": about | {"num_rows": counts, "num_beside": num_beside, "left_out": found.left_out}}
