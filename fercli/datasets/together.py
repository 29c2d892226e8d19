"""Which rows stay together wherever rows are divided: those of a person, of a video, and equal photographs.

With the option `twins=near`, near-duplicates stay together as well: those that the latest audit of the store has found.
If A resembles B, and B resembles C, all three are one group, even if B is in a split that is not divided.
"""

import numpy as np

from fercli.datasets.store import Store
from fercli.errors import ConfigError

TWINS = ("equal", "near")  # values of the option


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
