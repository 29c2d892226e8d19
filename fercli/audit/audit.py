"""Find the twins within a store, or between two stores, and record them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from fercli.audit.candidates import candidates
from fercli.audit.similarity import Shared, similarities
from fercli.audit.thumbnails import SIDE, thumbnails
from fercli.datasets import twins
from fercli.datasets.equal_images import digests, equal_pairs
from fercli.datasets.store import Store

LEAST_SIMILARITY = 0.75  # of a near-duplicate; measured on FER+: benchmarks/README.md
FRAMES_PER_VIDEO = 16  # that are compared, evenly spaced: neighbors in a video resemble each other anyway


@dataclass(frozen=True)
class Audit:
    """The twins of a store, or of two stores.

    Attributes:
        store: whose rows are the first of each pair.
        other: whose rows are the second of each pair: the same store, or another one.
        pairs: columns of `fercli.datasets.twins.SCHEMA`.
    """

    store: Store
    other: Store
    pairs: pa.Table

    @property
    def within(self) -> bool:
        """Whether the pairs lie within one store."""
        return self.store is self.other

    @property
    def stem(self) -> str:
        """Name without suffix of the files that the audit writes into the folder of the store."""
        name = twins.cross_name(self.other.name, self.other.fingerprint).removesuffix(".parquet")
        return "twins" if self.within else name


def audit(store: Store, other: Store | None = None) -> Audit:
    """Find the twins within a store, or between two stores, and write them into the folder of the first store.

    Equal images come from `twins.parquet`. It is written here if an earlier fercli prepared the store.

    Raises:
        DataError: a store or its file of twins is damaged.
    """
    if other is not None and other.fingerprint != store.fingerprint:
        equal = _equal_between(store, other)
        known = {(pair["id"], pair["twin"]) for pair in equal.select(["id", "twin"]).to_pylist()}
        near = _near_between(store, other)
        ends = near.select(["id", "twin"]).to_pylist()
        near = near.filter(pa.array([(pair["id"], pair["twin"]) not in known for pair in ends], pa.bool_()))
        pairs = pa.concat_tables([equal, near])
        name = twins.cross_name(other.name, other.fingerprint)
        twins.write(store.path, name, pairs, [store.fingerprint, other.fingerprint])
        return Audit(store, other, pairs)
    if store.twins is None:
        twins.write(store.path, twins.FILE, equal_pairs(store.table), [store.fingerprint])
        store = Store(store.path)
    twins.write(store.path, twins.NEAR_FILE, _near_within(store), [store.fingerprint])
    store = Store(store.path)
    assert store.twins is not None
    return Audit(store, store, store.twins.table)


def _near_within(store: Store) -> pa.Table:
    rows = _compared(store, np.unique(store.equal_images))
    small = thumbnails(store, rows)
    return _near(store, rows, store, rows, small, candidates(small, _videos(store)[rows]))


def _near_between(store: Store, other: Store) -> pa.Table:
    own, others = (_compared(one, np.unique(one.equal_images)) for one in (store, other))
    small = np.concatenate([thumbnails(store, own), thumbnails(other, others)])
    pairs = candidates(small, np.repeat([0, 1], [len(own), len(others)]))
    return _near(store, np.concatenate([own, others]), other, others, small, pairs)


def _near(
    store: Store, rows: np.ndarray, other: Store, others: np.ndarray, small: np.ndarray, pairs: np.ndarray
) -> pa.Table:
    """Return the similar ones of candidate pairs.

    Args:
        rows: row number of each thumbnail; the last `len(others)` are rows of `other`.
    """
    values, shifts = similarities(small, pairs, Shared.of(small))
    # A pair may be found both mirrored and not; the more similar way counts.
    best: dict[tuple[int, int], int] = {}
    for place in np.argsort(-values, kind="stable"):
        if values[place] < LEAST_SIMILARITY:
            break
        best.setdefault((int(pairs[place, 0]), int(pairs[place, 1])), int(place))
    ids, splits = store.column("id"), store.column("split")
    other_ids, other_splits = other.column("id"), other.column("split")
    found = []
    for (one, two), place in best.items():
        a, b = int(rows[one]), int(rows[two])
        down, right = (0.0 - float(shift) / SIDE for shift in shifts[place])
        about = (twins.NEAR, float(values[place]), bool(pairs[place, 2]), down, right)
        found.append((ids[a], other_ids[b], splits[a], other_splits[b], *about))
    return twins.pairs_table(found)


def _equal_between(store: Store, other: Store) -> pa.Table:
    """Pair every row with the rows of the other store that have the same pixels, one of each image."""
    firsts = {digest: (row, file) for row, (file, digest) in reversed([*enumerate(digests(store.table))])}
    ids, splits = store.column("id"), store.column("split")
    other_ids, other_splits = other.column("id"), other.column("split")
    found = []
    for row, (file, digest) in enumerate(digests(other.table)):
        if digest in firsts:
            first, first_file = firsts[digest]
            kind = twins.EQUAL_FILE if file == first_file else twins.EQUAL
            found.append((ids[first], other_ids[row], splits[first], other_splits[row], kind, 1.0, False, 0.0, 0.0))
    return twins.pairs_table(found)


def _videos(store: Store) -> np.ndarray:
    """(N,) int64 number of the video of every row; a number of its own for a row without a video."""
    names = store.column("video")
    keys = [f"v:{name}" if name is not None else f"i:{row}" for row, name in enumerate(names)]
    return np.unique(keys, return_inverse=True)[1]


def _compared(store: Store, rows: np.ndarray) -> np.ndarray:
    """Return the rows that are compared: all images, and some frames of each video."""
    videos = _videos(store)[rows]
    order = np.argsort(videos, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(videos[order]) > 0]) if len(rows) else np.array([], int)
    chosen = []
    for frames in np.split(order, starts[1:]):
        places = np.linspace(0, len(frames) - 1, min(FRAMES_PER_VIDEO, len(frames))).astype(int)
        chosen.append(frames[places])
    return np.sort(rows[np.concatenate(chosen)]) if chosen else rows
