"""Every row once an epoch, in random order."""

import numpy as np

from fercli.batch import Labels


class Shuffle:
    """A sampler: its result depends only on labels, seed and epoch, and is the same on every rank.

    A sampler takes (labels of N rows, seed, epoch) and returns the row numbers of one epoch, always the same number.
    """

    def __call__(self, labels: Labels, seed: int, epoch: int) -> np.ndarray:
        """(N,) int64 permutation of the rows."""
        return np.random.default_rng([seed, epoch]).permutation(len(labels)).astype(np.int64)
