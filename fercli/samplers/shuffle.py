"""Every row once an epoch, in random order."""

import numpy as np

from fercli.batch import Labels


class Shuffle:
    """A sampler: a function of labels, seed and epoch alone, the same on every rank.

    Whatever takes (labels of N rows, seed, epoch) and gives the row numbers of one epoch, always equally many, is one.
    """

    def __call__(self, labels: Labels, seed: int, epoch: int) -> np.ndarray:
        """(N,) int64 permutation of the rows."""
        return np.random.default_rng([seed, epoch]).permutation(len(labels)).astype(np.int64)
