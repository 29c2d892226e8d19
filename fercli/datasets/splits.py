"""Which rows of a store a run trains on, selects on, and is judged on."""

from dataclasses import dataclass

import numpy as np

from fercli.datasets.store import Store
from fercli.errors import ConfigError, DataError, nearest

RULES = ("best", "last", "paper")


@dataclass(frozen=True)
class Split:
    """Row numbers of a store.

    Attributes:
        train: (n,) rows to learn from.
        validation: (n,) rows on which the epoch is chosen; empty where nothing is chosen.
        evaluation: (n,) rows on which the run is judged.
        evaluation_name: the store's name of that split.
    """

    train: np.ndarray
    validation: np.ndarray
    evaluation: np.ndarray
    evaluation_name: str


def split_rows(
    store: Store,
    rule: str,
    holdout: float,
    seed: int,
    num_train_rows: int | None = None,
    train_share: float | None = None,
    with_validation: bool = False,
) -> Split:
    """Divide the rows of a store honestly.

    The run is judged on `test`, or on `val` where the store has no test split. Rule `best` chooses the epoch on `val`
    where that is not what the run is judged on, else on a part `holdout` of the training rows; `last` chooses
    nothing; `paper` chooses on the evaluation rows themselves. With `with_validation`, the rule `last` learns
    from the rows of `val` too. Of the rows to learn from, `train_share` or at most `num_train_rows` are kept, drawn by
    the seed.

    Raises:
        ConfigError: the rule does not exist, a share or number leaves no rows to train or to choose on, or rows that
            are to be chosen or judged on would be learned from.
        DataError: the store has no training rows, or nothing to be judged on.
    """
    if rule not in RULES:
        raise ConfigError(f"no selection.rule named '{rule}'; {nearest(str(rule), RULES)}")
    if train_share is not None and not 0 < train_share <= 1:
        raise ConfigError(f"expected train_share above 0 and at most 1, found {train_share}")
    if num_train_rows is not None and num_train_rows < 1:
        raise ConfigError(f"expected num_train_rows of at least 1, found {num_train_rows}")
    names = store.splits
    if "train" not in names or len(names) < 2:
        raise DataError(
            f"{store.path} has the splits {', '.join(names) or 'none'}; expected train and one of val, test"
        )
    evaluation_name = "test" if "test" in names else "val"
    train, evaluation = store.rows("train"), store.rows(evaluation_name)
    if rule == "best" and evaluation_name == "test" and "val" in names:
        validation = store.rows("val")
    elif rule == "best":
        if not 0 < holdout < 1:
            raise ConfigError(f"expected selection.holdout between 0 and 1, found {holdout}")
        train, validation = hold_out(store, train, holdout, seed)
        if len(validation) == 0:
            raise ConfigError(f"selection.holdout={holdout} of {len(train)} training rows holds out none; enlarge it")
    else:
        validation = evaluation if rule == "paper" else train[:0]
    if with_validation:
        if rule != "last" or evaluation_name != "test" or "val" not in names:
            raise ConfigError(
                "selection.with_validation=true needs selection=last and a store with the splits train, val and test; "
                f"found selection.rule={rule} and {', '.join(names)}"
            )
        train = np.sort(np.concatenate([train, store.rows("val")]))
    if train_share is not None and train_share < 1:
        train, _ = hold_out(store, train, 1 - train_share, seed)
    if num_train_rows is not None and num_train_rows < len(train):
        train, _ = hold_out(store, train, 1 - num_train_rows / len(train), seed)
    return Split(train, validation, evaluation, evaluation_name)


def hold_out(store: Store, rows: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Divide rows into (kept, held out), stratified by class; rows of one subject or one video stay together."""
    rng = np.random.default_rng(seed)
    groups = _groups(store, rows)
    labels = store.labels[rows]
    first_of_group = np.unique(groups, return_index=True)[1]
    held = np.zeros(len(first_of_group), dtype=bool)
    for label in np.unique(labels[first_of_group]):
        members = np.flatnonzero(labels[first_of_group] == label)
        held[rng.permutation(members)[: round(share * len(members))]] = True
    is_held = held[groups]
    return rows[~is_held], rows[is_held]


def _groups(store: Store, rows: np.ndarray) -> np.ndarray:
    """(n,) group of each row, numbered from 0: its subject, else its video, else the row alone."""
    subject, video, name = (store.column(column)[rows] for column in ("subject", "video", "id"))
    keys = [
        f"s:{s}" if s is not None else f"v:{v}" if v is not None else f"i:{i}"
        for s, v, i in zip(subject, video, name, strict=True)
    ]
    return np.unique(keys, return_inverse=True)[1]
