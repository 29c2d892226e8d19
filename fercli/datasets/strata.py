"""What folds are balanced by: classes, bands of severity, or quadrants of valence and arousal."""

import numpy as np

from fercli.datasets.store import Store
from fercli.errors import DataError


def stratum(store: Store, rows: np.ndarray) -> np.ndarray:
    """(n,) what the shares of each fold are balanced by: the class, else the band of severity, else the quadrant.

    A scale without bands is divided at the quartiles of the scores.

    Raises:
        DataError: no row has any of these labels.
    """
    labels = store.labels[rows]
    if len(np.unique(labels[labels >= 0])) > 1:
        return labels
    score, valence, arousal = (store.column(name)[rows] for name in ("score", "valence", "arousal"))
    if np.isfinite(score).any():
        ends = store.scale.firsts[1:] or np.nanquantile(score, (0.25, 0.5, 0.75))
        return np.where(np.isfinite(score), np.digitize(score, ends), -1)
    if np.isfinite(valence).any():
        quadrant = 2 * (valence >= 0) + (arousal >= 0)
        return np.where(np.isfinite(valence) & np.isfinite(arousal), quadrant, -1)
    raise DataError(f"{store.path} has no class, score or valence to balance folds by; give folds.stratified=false")


def stratum_of_groups(strata: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return what most rows of each group have, numbered from 0; of equally frequent strata, the first.

    Args:
        strata: (n,) whole number of each row.
        groups: (n,) group of each row, from 0.
    """
    number = np.unique(strata, return_inverse=True)[1]
    counts = np.zeros((groups.max() + 1, number.max() + 1), dtype=np.int64)
    np.add.at(counts, (groups, number), 1)
    return np.unique(counts.argmax(axis=1), return_inverse=True)[1]
