"""The labels of chosen rows of a store as one value."""

import numpy as np

from fercli.batch import Labels
from fercli.datasets.store import Store


def training_labels(store: Store, rows: np.ndarray) -> Labels:
    """What the store knows of these rows, in their order; floats are float64.

    Args:
        rows: (N,) row numbers of the store.
    """

    def column(name: str) -> np.ndarray:
        return store.column(name)[rows].astype(np.float64)

    return Labels(
        expression=store.labels[rows],
        affect=np.stack([column("valence"), column("arousal")], axis=1),
        score=column("score"),
        age=column("age"),
        session=store.sessions[rows],
        subject=store.subjects[rows],
    )
