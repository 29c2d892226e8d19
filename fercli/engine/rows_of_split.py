"""Rows of a store to evaluate, and which of them have a twin in training."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from fercli.datasets.datamodule import FaceData
from fercli.datasets.splits import FOLD
from fercli.datasets.store import Store
from fercli.engine.twins import TwinsInTraining, twins_of_fold, twins_within
from fercli.engine.twins_between import twins_between


@dataclass(frozen=True)
class RowsOfSplit:
    """Rows of a store to evaluate, and the name of their split.

    Attributes:
        trained_on: store with the training rows, if it is another one.
        trained_splits: its splits that the run has trained on.
        by: groups to compute the metrics for, as `fercli.datasets.groups` describes them; None for those of the data.
    """

    data: FaceData
    rows: np.ndarray
    split: str
    trained_on: Store | None = None
    trained_splits: Collection[str] = ("train",)
    by: Sequence[str] | None = None

    def twins(self) -> TwinsInTraining | None:
        """Return which of the samples have a twin in training; None where no twins were looked for."""
        samples, store = self.data.samples(self.rows), self.data.store
        if self.trained_on is not None:
            return twins_between(store, samples, self.trained_on, self.trained_splits)
        training = self.data.split.train
        if self.split.startswith(FOLD):
            return twins_of_fold(store, samples, np.concatenate([training, self.data.split.validation]))
        return twins_within(store, samples, training) if len(training) else None
