"""Which near-duplicates stay together wherever rows are divided."""

from copy import copy
from dataclasses import dataclass

import numpy as np

from fercli.datasets.store import Store
from fercli.datasets.together import TWINS
from fercli.datasets.twins import NEAR, NEAR_FILE
from fercli.errors import DataError, choose


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
