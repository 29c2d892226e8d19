"""Batches of P scores with K samples of each, from different sessions where possible."""

import warnings

import numpy as np

from fercli.batch import Labels
from fercli.errors import ConfigError, DataError, choose
from fercli.fields import UNLABELLED
from fercli.samplers.groups import UNGROUPED, members
from fercli.samplers.per_class import PerClass

LABEL_SAMPLING = ("uniform", "proportional")


class LabelBalanced(PerClass):
    """Every batch holds K different samples of each of P different scores.

    Every batch draws its own scores. The K samples of a score come from as many sessions as possible: each session, in
    random order, gives one random sample before any session gives a second. A session is a sitting (both tasks of
    AVEC2014 are one), or the video if the sitting is unknown. A score with fewer than K samples is never drawn, and a
    warning says so. The number of batches of an epoch is the number of rows that can be drawn, divided by P x K and
    rounded down, but at least one.

    Args:
        batch_size: P x K, samples of one step over all processes together.
        num_samples: K.
        label_sampling: `uniform`: all scores equally likely, which rebalances a skewed distribution. `proportional`: in
            proportion to the number of their samples.

    Raises:
        ConfigError: unknown label_sampling; the batch size is no multiple of K.

    Source: a reconstruction for DJ-LDML (Zhou et al. 2020), after PK-style batches (Hermans et al. 2017).
    """

    def __init__(self, batch_size: int, num_samples: int = 4, label_sampling: str = "uniform"):
        super().__init__(batch_size, num_samples)
        choose("sampler.label_sampling", label_sampling, LABEL_SAMPLING)
        self.label_sampling = label_sampling

    def __call__(self, labels: Labels, seed: int, epoch: int) -> np.ndarray:
        """(n,) int64 rows of one epoch; each batch has one score after the other.

        Raises:
            ConfigError: fewer than P scores have K samples.
            DataError: no row has a score.
        """
        rows_by_score = self._drawable(labels)
        sizes = np.array([len(rows) for rows in rows_by_score])
        chances = np.ones(len(sizes)) if self.label_sampling == "uniform" else sizes
        sessions = _sessions(labels)
        rng = np.random.default_rng([seed, epoch])
        drawn = [
            _of_different_sessions(rows_by_score[number], sessions, self.num_samples, rng)
            for _ in range(max(1, sizes.sum() // (self.num_classes * self.num_samples)))
            for number in rng.choice(len(sizes), self.num_classes, replace=False, p=chances / chances.sum())
        ]
        return np.concatenate(drawn)

    def _drawable(self, labels: Labels) -> list[np.ndarray]:
        """Return the rows of each score that has at least K rows."""
        known = ~np.isnan(labels.score)
        if not known.any():
            raise DataError(
                "the sampler draws by 'score', which no training row carries; use sampler=shuffle, or other data"
            )
        scores = np.where(known, np.unique(labels.score, return_inverse=True)[1], UNGROUPED)
        every = members(scores)
        enough = [rows for rows in every if len(rows) >= self.num_samples]
        found = f"{len(enough)} of the {len(every)} scores in the training rows have {self.num_samples} samples or more"
        if len(enough) < self.num_classes:
            raise ConfigError(
                f"trainer.batch_size={self.num_classes * self.num_samples} with sampler.num_samples={self.num_samples} "
                f"needs {self.num_classes} scores in each batch, and {found}; take a smaller trainer.batch_size or "
                "sampler.num_samples"
            )
        if len(enough) < len(every):
            warnings.warn(f"{found}; the others are never drawn. Lower sampler.num_samples", stacklevel=3)
        return enough


def _sessions(labels: Labels) -> np.ndarray:
    """(N,) number of the session of each row; a row of unknown session is a session of its own."""
    alone = labels.session.max(initial=0) + 1 + np.arange(len(labels))
    return np.where(labels.session == UNLABELLED, alone, labels.session)


def _of_different_sessions(rows: np.ndarray, sessions: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Draw (size,) rows without repetition: one of each session, then a second of each, and so on."""
    shuffled = rng.permutation(rows)
    number = np.unique(sessions[shuffled], return_inverse=True)[1]
    order = np.argsort(number, kind="stable")
    starts = np.searchsorted(number[order], np.arange(number.max() + 1))
    turn = np.empty(len(rows), dtype=np.int64)  # how many rows of its session come before a row
    turn[order] = np.arange(len(rows)) - starts[number[order]]
    session_order = rng.permutation(number.max() + 1)
    return shuffled[np.lexsort((session_order[number], turn))[:size]]
