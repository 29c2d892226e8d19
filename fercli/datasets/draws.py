"""Draw some of the rows of a store: a part that is held out, or a number of rows, stratified by class."""

import numpy as np

from fercli.datasets.store import Store
from fercli.datasets.together import groups_together

LEAST_GROUPS = 8  # `draw` takes rows of at least so many groups, where there are enough


def hold_out(store: Store, rows: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Divide rows into (kept, held out), stratified by class.

    Rows of one subject or one video, and rows with equal pixels, stay together; see `groups_together`.
    """
    groups = groups_together(store, rows)
    classes = _shuffled(store, rows, groups, seed)
    held = np.zeros(groups.max(initial=-1) + 1, dtype=bool)
    for members in classes:
        held[members[: round(share * len(members))]] = True
    is_held = held[groups]
    return rows[~is_held], rows[is_held]


def draw(store: Store, rows: np.ndarray, number: int, seed: int) -> np.ndarray:
    """Draw at most `number` rows, and at least one, stratified by class, subject by subject or video by video.

    At most an eighth of `number` comes from one subject or video: its first rows. So even a few rows of a large video
    data set show several people, and the frames of a video follow each other. With fewer than 8 subjects or videos,
    the share of each is larger. The result has fewer than `number` rows where these shares do not add up to it.
    """
    groups = groups_together(store, rows)
    classes = _shuffled(store, rows, groups, seed)
    # Reversed: groups that `hold_out` would hold out last come first. Classes alternate in proportion to their size.
    order = np.concatenate([members[::-1] for members in classes])
    place = np.concatenate([(np.arange(len(members)) + 0.5) / len(members) for members in classes])
    most = -(-number // min(LEAST_GROUPS, len(order)))
    by_group = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[by_group], np.arange(len(order) + 1))
    taken: list[np.ndarray] = []
    for group in order[np.argsort(place, kind="stable")]:
        members = by_group[starts[group] : starts[group + 1]]
        taken.append(rows[members[: min(most, number)]])
        number -= len(taken[-1])
        if number == 0:
            break
    return np.sort(np.concatenate(taken))


def _shuffled(store: Store, rows: np.ndarray, groups: np.ndarray, seed: int) -> list[np.ndarray]:
    """Return the groups of each class in an order drawn by the seed; a group has the class of its first row."""
    rng = np.random.default_rng(seed)
    labels = store.labels[rows][np.unique(groups, return_index=True)[1]]
    return [rng.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]
