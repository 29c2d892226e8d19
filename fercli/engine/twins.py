"""Evaluated samples whose photograph is also in training, and the metrics without them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fercli.datasets.store import Store
from fercli.datasets.twins import KINDS, Twins, cross_name, digests, read
from fercli.errors import DataError
from fercli.metrics.bootstrap import bootstrap_intervals
from fercli.metrics.metric import Metric

ROWS_AT_ONCE = 256


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


def twins_between(
    store: Store, samples: np.ndarray, trained_on: Store, splits: Collection[str] = ("train",)
) -> TwinsInTraining:
    """Find the samples with a twin in the training splits of another store.

    Where no audit has compared the two stores, twins are images with equal pixels.

    Args:
        samples: (n,) or (n, length) row numbers.
        trained_on: the other store.
        splits: of the other store, which a run has trained on.
    """
    name = cross_name(trained_on.name, trained_on.fingerprint)
    forward = read(store.path, name, [store.fingerprint, trained_on.fingerprint])
    if forward is not None:
        own, other = forward.column("id"), forward.column("twin_split")
    else:
        name = cross_name(store.name, store.fingerprint)
        backward = read(trained_on.path, name, [trained_on.fingerprint, store.fingerprint])
        if backward is None:
            return TwinsInTraining(_any_frame(_equal_between(store, samples, trained_on, splits)[samples]), KINDS[:2])
        own, other = backward.column("twin"), backward.column("split")
    ids = [name for name, split in zip(own.to_pylist(), other.to_pylist(), strict=True) if split in splits]
    return TwinsInTraining(_any_frame(np.isin(store.column("id").astype(str), ids)[samples]), KINDS)


def _equal_between(store: Store, samples: np.ndarray, trained_on: Store, splits: Collection[str]) -> np.ndarray:
    """(N,) bool: the rows among the samples with the pixels of a training row of another store."""
    flagged = np.zeros(len(store), dtype=bool)
    sides = [one.meta.get("image", {}).get("size") for one in (store, trained_on)]
    if None in sides or sides[0] == sides[1]:  # else no two images can be equal
        training = np.flatnonzero(np.isin(trained_on.column("split").astype(str), [*splits]))
        trained = set(_pixels(trained_on, training))
        rows = np.unique(samples)
        flagged[rows] = [pixels in trained for pixels in _pixels(store, rows)]
    return flagged


def _pixels(store: Store, rows: np.ndarray) -> Iterator[bytes]:
    images = store.table.select(["image"])
    for start in range(0, len(rows), ROWS_AT_ONCE):  # few at a time, because `take` copies them
        yield from (pixels for _, pixels in digests(images.take(rows[start : start + ROWS_AT_ONCE])))


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


def without_twins(
    metrics: Mapping[str, Metric], columns: Mapping[str, np.ndarray], checked: tuple[str, ...]
) -> dict[str, Any]:
    """Compute metrics over the samples without a twin in training, for `metrics.json`.

    Args:
        metrics: those that are possible on all samples.
        columns: of the prediction table, with `has_twin`.

    Returns:
        `checked`, `num_twins`, `num_rows` (samples without a twin) and `metrics`: value and interval by name. It is
        empty where no sample has a twin, since then the metrics are those of all samples.
    """
    has_twin = columns["has_twin"]
    kept = {name: column[~has_twin] for name, column in columns.items()}
    found: dict[str, Any] = {}
    if has_twin.any():
        possible = {name: metric for name, metric in metrics.items() if metric.is_possible(kept)}
        intervals = bootstrap_intervals(possible, kept)
        for name, metric in possible.items():
            found[name] = {"value": metric(kept)}
            if name in intervals:
                found[name] |= intervals[name].document()
    counts = {"num_twins": int(has_twin.sum()), "num_rows": int((~has_twin).sum())}
    return {"checked": list(checked)} | counts | {"metrics": found}
