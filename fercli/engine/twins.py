"""Evaluated samples whose photograph is also in training, within one store."""

from dataclasses import dataclass

import numpy as np

from fercli.datasets.store import Store
from fercli.datasets.twins import Twins
from fercli.errors import DataError


@dataclass(frozen=True)
class TwinsInTraining:
    """Which evaluated samples have a twin in training.

    Attributes:
        has_twin: (n,) bool for the samples; a clip has a twin if one of its frames has.
        checked: the kinds of twins that were looked for; see `fercli.datasets.twins.KINDS`.
    """

    has_twin: np.ndarray
    checked: tuple[str, ...]


def twins_within(store: Store, samples: np.ndarray, trained_on: np.ndarray) -> TwinsInTraining | None:
    """Find the samples with a twin in the training splits of their own store.

    All rows of a split that a run trains on count, also those that its seed has held out: so the samples without a twin
    are the same for all seeds.

    Args:
        samples: (n,) or (n, length) row numbers.
        trained_on: row numbers that the run trained on.

    Returns:
        None where no twins were looked for, or the samples are training rows themselves.
    """
    splits = store.column("split")
    training = {"train", *splits[trained_on]}
    if store.twins is None or (len(samples) and splits[samples.ravel()[0]] in training):
        return None
    in_training = np.isin(splits, [*training])
    flagged = _with_partner(store, store.twins, in_training)
    return TwinsInTraining(_any_frame(flagged[samples]), store.twins.checked)


def twins_of_fold(store: Store, samples: np.ndarray, trained_on: np.ndarray) -> TwinsInTraining | None:
    """Find the samples of a fold with a twin among the rows that a run trained or chose its epoch on.

    Rows with equal pixels are in one fold; near-duplicates are so only with `twins=near`.

    Args:
        samples: (n,) or (n, length) row numbers.
        trained_on: row numbers.

    Returns:
        None where no twins were looked for.
    """
    if store.twins is None:
        return None
    in_training = np.isin(np.arange(len(store)), trained_on)
    return TwinsInTraining(_any_frame(_with_partner(store, store.twins, in_training)[samples]), store.twins.checked)


def _any_frame(flagged: np.ndarray) -> np.ndarray:
    return np.asarray(flagged if flagged.ndim == 1 else flagged.any(axis=1))


def _with_partner(store: Store, twins: Twins, in_training: np.ndarray) -> np.ndarray:
    """(N,) bool: the rows whose image, or a near-duplicate of it, is in training."""
    image = store.equal_images
    trained = np.zeros(len(store), dtype=bool)
    trained[image[in_training]] = True
    flagged = trained.copy()
    near = twins.table.filter(twins.is_near)
    try:
        ends = (np.array([store.rows_of[name] for name in near.column(end).to_pylist()], int) for end in ("id", "twin"))
        one, other = (image[rows] for rows in ends)
    except KeyError as error:
        raise DataError(f"{store.path} has twins of {error}, which it does not hold; run the audit again") from None
    flagged[one[trained[other]]] = True
    flagged[other[trained[one]]] = True
    return flagged[image]
