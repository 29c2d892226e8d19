"""What an evaluation will hold, known before anything is predicted, so that a wrong request is refused at once."""

import numpy as np

from fercli.datasets.store import Store
from fercli.engine.classifier import Classifier
from fercli.engine.fitting import is_of_scores
from fercli.engine.predicted_columns import predicted_columns
from fercli.engine.run_options import InputOptions
from fercli.fields import NUMBERS
from fercli.methods.base import Method
from fercli.records import GROUPS


def label_columns(store: Store, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return the columns of a prediction table that a store knows: id, who is shown, and labels.

    Args:
        rows: (n,) row numbers.
    """
    columns: dict[str, np.ndarray] = {
        name: store.column(name)[rows] for name in ("id", "video", "role", "subject", *GROUPS)
    }
    columns["expression"] = store.labels[rows]
    for name in NUMBERS:
        if not np.isnan(store.column(name)).all():
            columns[name] = store.column(name)[rows].astype(float)
    if (store.sessions[rows] >= 0).any():
        columns["session"] = store.sessions[rows]
    return columns


def foreseen_columns(
    inputs: InputOptions,
    method: Method,
    store: Store,
    rows: np.ndarray,
    num_classes: int,
    classifier: Classifier | None = None,
) -> dict[str, np.ndarray]:
    """Return the columns of an evaluation, as if the network answered to every sample as it does to a blank image.

    Which labels and predictions there are, and for whom, does not depend on the answers.

    Args:
        rows: (n,) of the store, one for each evaluated sample.
        num_classes: that the network knows.
        classifier: whose predictions replace those of the network.
    """
    once = predicted_columns(inputs, method)
    del once["id"]
    if classifier is not None and is_of_scores(classifier):
        once["predicted_score"] = np.zeros(1)
    elif classifier is not None:
        once["probabilities"] = np.full((1, num_classes), 1 / max(1, num_classes))
    same = {name: np.broadcast_to(one, (len(rows), *one.shape[1:])) for name, one in once.items()}
    return label_columns(store, rows) | same
