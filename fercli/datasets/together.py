"""Which rows stay together wherever rows are divided: those of a person, of a video, and equal photographs."""

import numpy as np

from fercli.datasets.store import Store


def groups_together(store: Store, rows: np.ndarray, values: np.ndarray | None = None) -> np.ndarray:
    """Return the (n,) group of each row, numbered from 0: its subject, else its video, else the row alone.

    Groups that share an image, with equal pixels, are one group. Near-duplicates do not join groups: an audit finds
    them after preprocessing, and the rows of a run may depend only on its options and on the content of its store.

    Args:
        values: (n,) a text or None for each row; groups that share a text are one group as well.
    """
    subject, video, name = (store.column(column)[rows] for column in ("subject", "video", "id"))
    keys = [
        f"s:{s}" if s is not None else f"v:{v}" if v is not None else f"i:{i}"
        for s, v, i in zip(subject, video, name, strict=True)
    ]
    groups = np.unique(keys, return_inverse=True)[1]
    images, image = np.unique(store.equal_images[rows], return_inverse=True)
    groups = groups if len(images) == len(rows) else _joined(groups, image)
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
