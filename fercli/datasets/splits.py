"""The rows of a store for training, for the choice of the epoch, and for evaluation."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from fercli.datasets.draws import draw, hold_out
from fercli.datasets.folds import LEFT_OUT, Folds
from fercli.datasets.store import Store
from fercli.datasets.together import groups_together
from fercli.errors import ConfigError, DataError, choose

RULES = ("best", "last", "paper", "training_loss")
FOLD = "fold"  # begins the name of the rows of a fold, in place of the name of a split


@dataclass(frozen=True)
class Split:
    """Row numbers of a store.

    Attributes:
        train: (n,) rows to train on.
        validation: (n,) rows on which the epoch is chosen; empty where nothing is chosen.
        evaluation: (n,) rows on which the run is evaluated.
        evaluation_name: the store's name of that split; `fold2` for a fold.
    """

    train: np.ndarray
    validation: np.ndarray
    evaluation: np.ndarray
    evaluation_name: str


def chooses_epoch(rule: str) -> bool:
    """Return whether a rule takes the weights of the epoch with the best validation metric, not of the last step."""
    return rule in ("best", "paper")


def split_rows(
    store: Store,
    rule: str,
    holdout: float,
    seed: int,
    num_train_rows: int | None = None,
    train_share: float | None = None,
    with_validation: bool = False,
) -> Split:
    """Divide the rows of a store into rows for training, for the choice of the epoch, and for evaluation.

    The run is evaluated on `test`, or on `val` where the store has no test split. Rule `best` chooses the epoch on
    `val` if the store has both `val` and `test`, else on a share `holdout` of the training rows. Rules `last` and
    `training_loss` choose no epoch. Rule `paper` chooses the epoch on the evaluation rows themselves. With
    `with_validation`, rule `last` trains on the rows of `val`, too. Of the training rows, the share `train_share` or at
    most `num_train_rows` are kept, drawn by the seed; see `hold_out` and `draw`.

    Raises:
        ConfigError: the rule does not exist, a share or number leaves no rows for training or for the choice of the
            epoch, or `with_validation` is given without rule `last` and the splits train, val and test.
        DataError: the store has no training rows, or no rows for evaluation.
    """
    choose("selection.rule", rule, RULES)
    _expect_sizes(num_train_rows, train_share)
    names = store.splits
    if "train" not in names or len(names) < 2:
        raise DataError(
            f"{store.path} has the splits {', '.join(names) or 'none'}; expected train and one of val, test"
        )
    evaluation_name = evaluation_split(names)
    train, evaluation = store.rows("train"), store.rows(evaluation_name)
    if rule == "best" and selection_split(names, rule) == "val":
        validation = store.rows("val")
    elif rule == "best":
        train, validation = _inner(store, train, holdout, seed)
    else:
        validation = evaluation if rule == "paper" else train[:0]
    if with_validation:
        if rule != "last" or evaluation_name != "test" or "val" not in names:
            raise ConfigError(
                "selection.with_validation=true needs selection=last and a store with the splits train, val and test; "
                f"found selection.rule={rule} and {', '.join(names)}"
            )
        train = np.sort(np.concatenate([train, store.rows("val")]))
    train = _fewer(store, train, seed, num_train_rows, train_share)
    return Split(train, validation, evaluation, evaluation_name)


def split_by_fold(
    store: Store,
    folds: Folds,
    rule: str,
    holdout: float,
    seed: int,
    num_train_rows: int | None = None,
    train_share: float | None = None,
) -> Split:
    """Divide the rows of a store by one fold: evaluated on it, trained on the others.

    Rule `best` chooses the epoch on a share of the training rows: the evaluated fold has no part in it. Training rows
    that belong to a person or a video of the evaluated fold, or whose photograph is in it, are left out; only folds
    that a file or a column gives have such rows.

    Args:
        folds: with the fold that is evaluated.
        rule: as in `split_rows`, with `holdout`, `seed`, `num_train_rows` and `train_share`.

    Raises:
        ConfigError: no fold is chosen, there is no such fold, or the rule would choose on the evaluated fold.
        DataError: no row is left to train on.
    """
    choose("selection.rule", rule, RULES)
    _expect_sizes(num_train_rows, train_share)
    if rule == "paper":
        raise ConfigError(
            "selection=paper chooses the epoch on the rows that are reported; with folds, give selection=best "
            "(an inner part of the training folds) or selection=last"
        )
    train, evaluation, fold = rows_of_fold(store, folds, seed)
    validation = train[:0]
    if rule == "best":
        train, validation = _inner(store, train, folds.inner_share(holdout), seed)
    return Split(_fewer(store, train, seed, num_train_rows, train_share), validation, evaluation, fold_split(fold))


def rows_of_fold(store: Store, folds: Folds, seed: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the rows that a fold may train on, validation included, those that it is evaluated on, and its number.

    Raises:
        ConfigError, DataError: as in `split_by_fold`.
    """
    assigned = folds.assign(store, seed)
    fold = expect_fold(folds, len(assigned.names))
    evaluation = np.flatnonzero(assigned.fold == fold)
    others = np.flatnonzero((assigned.fold != fold) & (assigned.fold != LEFT_OUT))
    train = others[~beside(store, others, evaluation)]
    if len(train) == 0:
        raise DataError(
            f"no row of {store.path} is left to train on: expected rows outside {assigned.names[fold - 1]} whose "
            f"persons, videos and photographs are not in it; found {len(others)} rows, none of them such"
        )
    return train, evaluation, fold


def expect_fold(folds: Folds, number: int) -> int:
    """Return the fold that a training is evaluated on.

    Raises:
        ConfigError: none is chosen, or there is no such fold.
    """
    fold = 1 if folds.is_single else folds.fold
    if fold is None:
        raise ConfigError(
            f"expected the fold to evaluate on, folds.fold=1 to {number}; found none. `fercli ablate <study> "
            "folds=...` trains all folds"
        )
    if fold > number:
        raise ConfigError(f"expected folds.fold from 1 to {number}; found {fold}")
    return fold


def fold_split(fold: int) -> str:
    """Return the name of the rows of a fold, in place of the name of a split."""
    return f"{FOLD}{fold}"


def beside(store: Store, rows: np.ndarray, evaluated: np.ndarray) -> np.ndarray:
    """(n,) bool: the rows that stay together with an evaluated row."""
    groups = groups_together(store, np.concatenate([rows, evaluated]))
    return np.isin(groups[: len(rows)], groups[len(rows) :])


def _inner(store: Store, train: np.ndarray, holdout: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Divide the training rows into those to train on, and those on which the epoch is chosen."""
    if not 0 < holdout < 1:
        raise ConfigError(f"expected selection.holdout between 0 and 1, found {holdout}")
    groups_together(store, train, None, (f"selection.holdout={holdout}", holdout))  # refuses chains that are too large
    train, validation = hold_out(store, train, holdout, seed)
    if len(validation) == 0:
        raise ConfigError(
            f"selection.holdout={holdout} of {len(train)} training rows holds out none; enlarge it "
            "(all rows of one person, and of one video, stay on one side)"
        )
    if len(train) == 0:
        raise ConfigError(f"selection.holdout={holdout} holds out all {len(validation)} training rows; lower it")
    return train, validation


def _expect_sizes(num_train_rows: int | None, train_share: float | None) -> None:
    if train_share is not None and not 0 < train_share <= 1:
        raise ConfigError(f"expected train_share above 0 and at most 1, found {train_share}")
    if num_train_rows is not None and num_train_rows < 1:
        raise ConfigError(f"expected num_train_rows of at least 1, found {num_train_rows}")


def _fewer(
    store: Store, train: np.ndarray, seed: int, num_train_rows: int | None, train_share: float | None
) -> np.ndarray:
    """Keep a share or a number of the training rows, drawn by the seed."""
    if train_share is not None and train_share < 1:
        train, left_out = hold_out(store, train, 1 - train_share, seed)
        if len(train) == 0:
            raise ConfigError(f"train_share={train_share} of {len(left_out)} training rows leaves none; enlarge it")
    if num_train_rows is not None and num_train_rows < len(train):
        train = draw(store, train, num_train_rows, seed)
    return train


def evaluation_split(names: Collection[str]) -> str:
    """Return the split on which a run is evaluated."""
    return "test" if "test" in names else "val"


def selection_split(names: Collection[str], rule: str) -> str | None:
    """Return the split on which a rule chooses the epoch; None where it uses training rows or chooses no epoch.

    Examples:
        >>> selection_split(("train", "val", "test"), "best"), selection_split(("train", "test"), "best")
        ('val', None)
        >>> selection_split(("train", "test"), "paper"), selection_split(("train", "test"), "last")
        ('test', None)
    """
    if rule == "paper":
        return evaluation_split(names)
    return "val" if rule == "best" and evaluation_split(names) == "test" and "val" in names else None
