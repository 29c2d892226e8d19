"""Evaluated samples whose photograph is also in the training splits of another store."""

from collections.abc import Collection, Iterator

import numpy as np

from fercli.datasets.equal_images import digests
from fercli.datasets.store import Store
from fercli.datasets.twins import KINDS, cross_name, read
from fercli.engine.twins import TwinsInTraining, _any_frame

ROWS_AT_ONCE = 256


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
