"""Collect the labels of chosen rows of a store."""

import numpy as np

from fercli.batch import Labels
from fercli.datasets.store import Store
from fercli.fields import NUMBERS, joined


def training_labels(store: Store, rows: np.ndarray) -> Labels:
    """Return the labels of these rows, in their order; floats are float64.

    Args:
        rows: (N,) row numbers of the store.
    """
    numbers = {name: store.column(name)[rows].astype(np.float64) for name in NUMBERS}
    return Labels(
        expression=store.labels[rows],
        session=store.sessions[rows],
        subject=store.subjects[rows],
        scale=store.scale,
        **joined(numbers),
    )
