"""Which rows stay together wherever rows are divided: those of a person, of a video, and equal photographs.

With the option `twins=near`, near-duplicates stay together as well: those that the latest audit of the store has found.
If A resembles B, and B resembles C, all three are one group, even if B is in a split that is not divided.
"""

from copy import copy
from dataclasses import dataclass

import numpy as np

from fercli.datasets.store import Store
from fercli.datasets.twins import NEAR, NEAR_FILE
from fercli.errors import ConfigError, DataError, choose

TWINS = ("equal", "near")  # values of the option


@dataclass(frozen=True, slots=True)
class NearTogether:
    """The near-duplicates that stay together.

    Attributes:
        digest: of the pairs; see `Twins.near_digest`.
        num_groups: number of groups with at least two images that differ in pixels.
        largest: rows of the largest of these groups, equal images included.
        num_rows: rows of all these groups.
    """

    digest: str
    num_groups: int
    largest: int
    num_rows: int


def dividing(store: Store, twins: str) -> Store:
    """Return the store as a run divides it: the store itself, or with near-duplicates joined to the equal images.

    Args:
        twins: the option: `equal` or `near`.

    Raises:
        ConfigError: there is no such choice.
        DataError: no audit has looked for near-duplicates in this content.
    """
    choose("twins", twins, TWINS)
    if twins == "equal":
        return store
    require_audit(store)
    found = copy(store)
    found.images_together = _chains(store)
    return found


def require_audit(store: Store) -> None:
    """Raise DataError unless an audit has looked for near-duplicates in this content of the store."""
    if store.twins is None or NEAR not in store.twins.checked:
        stale = " of this content; it has changed since its audit" if (store.path / NEAR_FILE).exists() else ""
        raise DataError(
            f"twins=near keeps near-duplicates together: expected {NEAR_FILE} in {store.path}{stale}; found none. "
            f"Find them with: fercli audit {store.path}"
        )


def near_together(store: Store) -> NearTogether:
    """Count the near-duplicates that stay together.

    Raises:
        DataError: as in `dividing`.
    """
    images = dividing(store, "near").images_together
    assert store.twins is not None
    sizes = np.bincount(images)
    is_near = np.zeros(len(sizes), dtype=bool)  # the others are groups of equal pixels
    is_near[images[store.equal_images != images]] = True
    sizes = sizes[is_near]
    return NearTogether(store.twins.near_digest, len(sizes), int(sizes.max(initial=0)), int(sizes.sum()))


def groups_together(
    store: Store, rows: np.ndarray, values: np.ndarray | None = None, part: tuple[str, float] | None = None
) -> np.ndarray:
    """Return the (n,) group of each row, numbered from 0: its subject, else its video, else the row alone.

    Groups that share an image, with equal pixels, are one group; so are those that share near-duplicates, where
    `dividing` has joined these.

    Args:
        values: (n,) a text or None for each row; groups that share a text are one group as well.
        part: which part the groups are drawn for: the option that gives it, such as `folds.k=5`, and its share.

    Raises:
        ConfigError: chains of near-duplicates have made a group larger than the part.
    """
    groups = _groups(store, rows, values, store.images_together)
    if part is not None and store.images_together is not store.equal_images:
        _expect_small(store, groups, _groups(store, rows, values, store.equal_images), *part)
    return groups


def _expect_small(store: Store, groups: np.ndarray, of_equal: np.ndarray, option: str, share: float) -> None:
    largest, most = np.bincount(groups, minlength=1).max(), share * len(groups)
    if largest > most >= np.bincount(of_equal, minlength=1).max():
        raise ConfigError(
            f"twins=near: near-duplicates join {largest:,} of {len(groups):,} rows to one group, more than the "
            f"{most:,.0f} of {option}. Look at {store.path / 'twins.csv'} and its figure; enlarge the part, or give "
            "twins=equal"
        )


def _groups(store: Store, rows: np.ndarray, values: np.ndarray | None, images: np.ndarray) -> np.ndarray:
    subject, video, name = (store.column(column)[rows] for column in ("subject", "video", "id"))
    keys = [
        f"s:{s}" if s is not None else f"v:{v}" if v is not None else f"i:{i}"
        for s, v, i in zip(subject, video, name, strict=True)
    ]
    groups = np.unique(keys, return_inverse=True)[1]
    different, image = np.unique(images[rows], return_inverse=True)
    groups = groups if len(different) == len(rows) else _joined(groups, image)
    if values is None:
        return groups
    shared = [f"v:{value}" if value is not None else f"g:{group}" for value, group in zip(values, groups, strict=True)]
    return _joined(groups, np.unique(shared, return_inverse=True)[1])


def _chains(store: Store) -> np.ndarray:
    """(N,) number of the first row of the images that near-duplicates join with each row, directly or by others."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    assert store.twins is not None
    near, rows_of = store.twins.is_near, store.rows_of
    try:
        one, other = ([rows_of[name] for name in store.twins.column(end)[near]] for end in ("id", "twin"))
    except KeyError as error:
        raise DataError(f"{store.path} has twins of {error}, which it does not hold; run the audit again") from None
    number = len(store)
    ends = np.concatenate([np.arange(number), one]).astype(int), np.concatenate([store.equal_images, other]).astype(int)
    part = connected_components(coo_array((np.ones(len(ends[0])), ends), shape=(number, number)), directed=False)[1]
    _, first, inverse = np.unique(part, return_index=True, return_inverse=True)
    return first[inverse]


def _joined(groups: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Join the groups that share an image or a value. They are numbered in the order of the first group in each.

    Args:
        groups: (n,) group of each row, from 0.
        shared: (n,) number of each row's image or value, from 0.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    num_groups, num_nodes = groups.max() + 1, groups.max() + shared.max() + 2
    links = coo_array((np.ones(len(groups)), (groups, num_groups + shared)), shape=(num_nodes, num_nodes))
    part = connected_components(links, directed=False)[1][:num_groups]
    _, first, number = np.unique(part, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[number][groups]
