"""Folds of cross-validation: which rows of a store each training is evaluated on.

A person, a video and photographs with equal pixels are never in two folds that are drawn here; see `together` for
near-duplicates. The folds depend on the content of the store and on the seed, not on the order of the rows.
"""

import warnings
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fercli.datasets.groups import values_of
from fercli.datasets.store import Store
from fercli.datasets.strata import stratum, stratum_of_groups
from fercli.datasets.together import groups_together
from fercli.errors import ConfigError, DataError, choose

LEFT_OUT = -1  # neither trained on nor evaluated
TRAINED = 0  # trained on in every fold, evaluated in none


@dataclass(frozen=True)
class Assignment:
    """The fold of every row of a store.

    Attributes:
        fold: (N,) int64 fold that evaluates each row, from 1; TRAINED or LEFT_OUT.
        names: what each fold is called, in their order.
        left_out: number of rows, or of lines of a file, that are left out, by reason.
    """

    fold: np.ndarray
    names: tuple[str, ...]
    left_out: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sizes = np.bincount(self.fold[self.fold > 0], minlength=len(self.names) + 1)[1:]
        if empty := [name for name, size in zip(self.names, sizes, strict=True) if not size]:
            raise DataError(f"no row of the store is in {' nor '.join(empty)}: expected rows in every fold")


@dataclass(frozen=True, kw_only=True)
class Folds(ABC):
    """One way of cross-validation, and the fold that a training is evaluated on.

    Attributes:
        fold: from 1; None: not chosen.
        splits: splits of the store that are joined; None for all.
    """

    fold: int | None = None
    splits: Sequence[str] | None = None

    def __post_init__(self) -> None:
        if self.fold is not None and (isinstance(self.fold, bool) or not isinstance(self.fold, int) or self.fold < 1):
            raise ConfigError(f"expected folds.fold as a whole number of at least 1; found {self.fold}")
        if self.splits is not None and (isinstance(self.splits, str) or not self.splits):
            raise ConfigError(f"expected folds.splits as a list such as [train,val]; found {self.splits}")

    @property
    def is_single(self) -> bool:
        """Whether each seed has one split only, so that there is no fold to choose and nothing to join."""
        return False

    @property
    def is_apart(self) -> bool:
        """Whether the evaluated rows are the same in every training, so that no other training has seen them."""
        return False

    @property
    def fingerprint(self) -> str:
        """Hash of a file that the folds come from; empty without one."""
        return ""

    def count(self, store: Store) -> int:
        """Return how many folds there are."""
        return len(self.assign(store, 0).names)

    @abstractmethod
    def assign(self, store: Store, seed: int) -> Assignment:
        """Return the fold of every row.

        Args:
            seed: of the training; it draws the folds where they have no seed of their own.

        Raises:
            ConfigError: an option does not fit the store.
            DataError: a fold would be empty.
        """

    @abstractmethod
    def rule(self, store: Store) -> str:
        """Return how the folds are made, for the field `split_rule` of a protocol."""

    def inner_share(self, holdout: float) -> float:
        """Return the share of the training rows on which the epoch is chosen.

        Args:
            holdout: the option `selection.holdout`.
        """
        return holdout

    def pooled(self, store: Store) -> np.ndarray:
        """(n,) row numbers of the joined splits, sorted by id, so that the order of the store does not matter."""
        for split in self.splits or ():
            choose("folds.splits", split, store.splits, f" in {store.path}")
        rows = np.concatenate([store.rows(split) for split in self.splits or store.splits])
        return rows[np.argsort(store.column("id")[rows], kind="stable")]

    def pool_in_words(self, store: Store) -> str:
        """Return what is divided, such as `all rows` or `the splits train and val`."""
        names = [name for name in store.splits if self.splits is None or name in self.splits]
        return "all rows" if len(names) == len(store.splits) else f"the splits {' and '.join(names)}"


@dataclass(frozen=True, kw_only=True)
class KFold(Folds):
    """k random parts of the groups of rows that stay together, drawn by scikit-learn's `KFold` or `StratifiedKFold`.

    Its `StratifiedGroupKFold` is not used: it sorts the groups by their classes, so that with groups of different
    sizes every seed draws the same folds.

    Attributes:
        k: number of parts, at least 2.
        by: column whose equal values stay in one part; rows without a value are left out.
        stratified: whether every part has about the same share of groups of each class, of each band of a severity
            scale, or of each quadrant of valence and arousal; a group counts for what most of its rows have.
        seed: draws the parts; None for the seed of the training.
    """

    k: int = 5
    by: str | None = None
    stratified: bool = False
    seed: int | None = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.k, bool) or not isinstance(self.k, int) or self.k < 2:
            raise ConfigError(f"expected folds.k as a whole number of at least 2; found {self.k}")
        expect_seed(self.seed)

    def count(self, store: Store) -> int:
        """Return k."""
        return self.k

    def assign(self, store: Store, seed: int) -> Assignment:
        """Draw the parts; see `Folds.assign`."""
        from sklearn import model_selection  # slow to import

        rows, left_out = with_value(store, self.pooled(store), self.by)
        values = None if self.by is None else values_of(store, rows, self.by)
        groups = groups_together(store, rows, values, (f"folds.k={self.k}", 1 / self.k))
        if (number := groups.max(initial=-1) + 1) < self.k:
            raise ConfigError(
                f"folds.k={self.k} of {number} groups that stay together ({self._together}); lower folds.k"
            )
        strata = stratum_of_groups(stratum(store, rows), groups) if self.stratified else np.zeros(number, int)
        if np.bincount(strata).max() < self.k:
            raise ConfigError(
                f"folds.k={self.k}: no class, band or quadrant has so many groups that stay together; lower folds.k, "
                "or give folds.stratified=false"
            )
        splitter = model_selection.StratifiedKFold if self.stratified else model_selection.KFold
        drawn = splitter(self.k, shuffle=True, random_state=seed if self.seed is None else self.seed)
        fold = np.full(len(store), LEFT_OUT)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The least populated class")  # a rare class is not in every fold
            for place, (_, evaluated) in enumerate(drawn.split(strata, strata), start=1):
                fold[rows[np.isin(groups, evaluated)]] = place
        return Assignment(fold, tuple(f"fold {place} of {self.k}" for place in range(1, self.k + 1)), left_out)

    def rule(self, store: Store) -> str:
        """Return the number of folds, what they divide, what stays together, and whether each seed draws its own."""
        kind = "stratified " if self.stratified else ""
        drawn = ", drawn anew by each seed" if self.seed is None else ""
        return f"{kind}{self.k}-fold cross-validation of {self.pool_in_words(store)} by {self._together}{drawn}"

    @property
    def _together(self) -> str:
        return "subject, else video, else row" if self.by is None else self.by


@dataclass(frozen=True, kw_only=True)
class LeaveOneOut(Folds):
    """One fold for each value of a column.

    Attributes:
        by: the column; rows without a value are left out.
    """

    by: str = "subject"

    def assign(self, store: Store, seed: int) -> Assignment:
        """Number the values in the order of their names; see `Folds.assign`."""
        rows, left_out = with_value(store, self.pooled(store), self.by)
        names, number = np.unique(values_of(store, rows, self.by).astype(str), return_inverse=True)
        if len(names) < 2:
            raise ConfigError(f"folds.by={self.by} has {len(names)} value in {store.path}; expected two or more")
        fold = np.full(len(store), LEFT_OUT)
        fold[rows] = number + 1
        return Assignment(fold, tuple(f"{self.by} {name}" for name in names), left_out)

    def rule(self, store: Store) -> str:
        """Return the number of folds and the column."""
        return f"leave one {self.by.replace('_', ' ')} out, {self.count(store)} folds of {self.pool_in_words(store)}"


@dataclass(frozen=True, kw_only=True)
class RandomSplit(Folds):
    """One random split into training, validation and test, drawn by scikit-learn's `GroupShuffleSplit`.

    Attributes:
        test: share that is evaluated, above 0.
        validation: share on which the epoch is chosen.
        seed: draws the split; None for the seed of the training.
    """

    test: float = 0.2
    validation: float = 0.2
    seed: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.test > 0 and self.validation >= 0 and self.test + self.validation < 1):
            raise ConfigError(
                "expected folds.test above 0 and folds.validation of 0 or more, together below 1; found "
                f"{self.test} and {self.validation}"
            )
        if self.fold not in (None, 1):
            raise ConfigError(f"folds=random_split has one fold; found folds.fold={self.fold}: give another seed=")
        expect_seed(self.seed)

    @property
    def is_single(self) -> bool:
        """True: another split is another seed."""
        return True

    @property
    def is_apart(self) -> bool:
        """Whether the split has a seed of its own; else each seed of a training draws another one."""
        return self.seed is not None

    def count(self, store: Store) -> int:
        """Return 1."""
        return 1

    def assign(self, store: Store, seed: int) -> Assignment:
        """Draw the split; see `Folds.assign`."""
        from sklearn.model_selection import GroupShuffleSplit

        rows = self.pooled(store)
        groups = groups_together(store, rows, None, (f"folds.test={self.test}", self.test))
        splitter = GroupShuffleSplit(1, test_size=self.test, random_state=seed if self.seed is None else self.seed)
        fold = np.full(len(store), LEFT_OUT)
        fold[rows] = TRAINED
        fold[rows[next(splitter.split(rows, groups=groups))[1]]] = 1
        return Assignment(fold, ("random split",))

    def inner_share(self, holdout: float) -> float:
        """Return the share of the training rows that makes `validation` of all."""
        return self.validation / (1 - self.test)

    def rule(self, store: Store) -> str:
        """Return the shares in percent, as published protocols say them."""
        shares = (1 - self.test - self.validation, self.validation, self.test)
        pool = "the pooled official parts" if self.splits is None else self.pool_in_words(store)
        return f"random {'/'.join(f'{100 * share:.0f}' for share in shares)} of {pool}"


def expect_seed(seed: int | None) -> None:
    """Raise ConfigError unless a seed of folds is None or a whole number of at least 0."""
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int) or seed < 0):
        raise ConfigError(f"expected folds.seed as a whole number of at least 0, or null; found {seed}")


def with_value(store: Store, rows: np.ndarray, by: str | None) -> tuple[np.ndarray, dict[str, int]]:
    """Return the rows with a value in a column, and how many have none.

    Raises:
        DataError: no row has one.
    """
    if by is None:
        return rows, {}
    known = np.array([value is not None for value in values_of(store, rows, by)], dtype=bool)
    if not known.any():
        raise DataError(f"no row of {store.path} has a {by}; expected one for folds by {by}")
    return rows[known], Counter({f"no {by}": int((~known).sum())} if not known.all() else {})
