"""How the epoch of a run was chosen, in the words of published protocols."""

from collections.abc import Mapping
from typing import Any

from fercli.config import Config
from fercli.datasets.splits import FOLD, evaluation_split, selection_split
from fercli.datasets.store import Store
from fercli.protocol import NEAR_TOGETHER, NOT_SAID, SELECTIONS


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
