"""Batches of P classes with K samples of each."""

import numpy as np

from fercli.batch import Labels
from fercli.errors import ConfigError, choose
from fercli.samplers.groups import groups_of, members

GROUPS = ("expression", "session", "subject")


class PerClass:
    """Every batch holds K samples of each of P classes, as losses over pairs and triplets need it.

    Every batch draws its own P classes, all equally likely. A class gives K of its rows at a time, in random order. It
    gives no row again before fewer than K new rows are left. A class with fewer than K rows repeats them.

    The number of batches of an epoch is the number of rows with the label, divided by P x K and rounded down, but at
    least one. Rows without the label are never drawn. Several processes share the K samples of a class evenly, so K
    should be a multiple of the number of processes.

    Args:
        batch_size: P x K, samples of one step over all processes together.
        num_samples: K.
        of: what counts as a class: `expression`; `subject`, the recordings of one person; or `session`, the recordings
            of one sitting.

    Raises:
        ConfigError: the batch size is no multiple of K, or unknown `of`.

    Source: Hermans et al. 2017 (arXiv 1703.07737), section 2, PK-style batches.
    """

    def __init__(self, batch_size: int, num_samples: int, of: str = "expression"):
        for name, value in (("trainer.batch_size", batch_size), ("sampler.num_samples", num_samples)):
            if not isinstance(value, int) or value < 1:
                raise ConfigError(f"expected {name} as a whole number, at least 1; found {value}")
        if batch_size % num_samples:
            raise ConfigError(
                "expected trainer.batch_size as a multiple of sampler.num_samples; "
                f"found {batch_size} and {num_samples}"
            )
        choose("sampler.of", of, GROUPS)
        self.of = of
        self.num_classes = batch_size // num_samples
        self.num_samples = num_samples

    def __call__(self, labels: Labels, seed: int, epoch: int) -> np.ndarray:
        """(n,) int64 rows of one epoch; each batch has one class after the other.

        Raises:
            ConfigError: the training rows have fewer than P classes.
            DataError: no row has the label.
        """
        rows_by_class = members(groups_of(labels, self.of))
        if len(rows_by_class) < self.num_classes:
            size = self.num_classes * self.num_samples
            raise ConfigError(
                f"trainer.batch_size={size} with sampler.num_samples={self.num_samples} needs {self.num_classes} "
                f"classes in each batch, and the training rows have {len(rows_by_class)}; "
                f"take trainer.batch_size={len(rows_by_class) * self.num_samples}, or more samples of each class"
            )
        rng = np.random.default_rng([seed, epoch])
        num_batches = max(1, sum(map(len, rows_by_class)) // (self.num_classes * self.num_samples))
        every_class = np.tile(np.arange(len(rows_by_class)), (num_batches, 1))
        chosen = rng.permuted(every_class, axis=1)[:, : self.num_classes]
        drawn = np.empty((*chosen.shape, self.num_samples), dtype=np.int64)
        for number, rows in enumerate(rows_by_class):
            turns = chosen == number
            drawn[turns] = self._samples(rows, int(turns.sum()), rng)
        return drawn.ravel()

    def _samples(self, rows: np.ndarray, num_turns: int, rng: np.random.Generator) -> np.ndarray:
        """(num_turns, K) rows of one class."""
        turns_per_pass = max(1, len(rows) // self.num_samples)
        passes = [
            np.resize(rng.permutation(rows), (turns_per_pass, self.num_samples))
            for _ in range(-(-num_turns // turns_per_pass))
        ]
        return np.concatenate([np.empty((0, self.num_samples), dtype=np.int64), *passes])[:num_turns]
