"""Rows drawn by the age of the person in the image."""

from collections.abc import Sequence

import numpy as np

from fercli.batch import Labels
from fercli.errors import ConfigError, DataError
from fercli.samplers.groups import UNGROUPED, draw, inverse_frequency

DECADES = (0, 13, 20, 30, 40, 50, 60)


class AgeSampler:
    """Draws rows with replacement, by age group: all groups equally often, or hard groups more often.

    An epoch has as many draws as the training split has rows with an age in a group of positive weight. Rows without
    an age, or with an age below the first group, are never drawn.

    Args:
        edges: first year of each group, ascending; the last group has no end. The default is 0-12, 13-19, 20-29,
            30-39, 40-49, 50-59, 60+.
        accuracy: of a reference model on each group, in [0, 1]: the weight of a row is 1 - accuracy of its group. None:
            it is g_min / g, with the size g of its group and the size g_min of the smallest group that has rows.

    Raises:
        ConfigError: the edges do not ascend, or `accuracy` does not fit them.

    Source: Antoniadis 2021, chapter 5, which gives neither groups nor weights; they are choices of this project.
    """

    def __init__(self, edges: Sequence[float] = DECADES, accuracy: Sequence[float] | None = None):
        self.edges = np.array(edges, dtype=np.float64)
        if len(self.edges) == 0 or not (np.diff(self.edges) > 0).all():
            raise ConfigError(f"expected sampler.edges that ascend; found {list(edges)}")
        self.difficulty = None if accuracy is None else 1 - np.array(accuracy, dtype=np.float64)
        if self.difficulty is not None and (
            self.difficulty.shape != self.edges.shape or not ((self.difficulty >= 0) & (self.difficulty <= 1)).all()
        ):
            raise ConfigError(
                f"expected sampler.accuracy with {len(self.edges)} numbers in [0, 1], one for each group; "
                f"found {list(accuracy or ())}"
            )

    def __call__(self, labels: Labels, seed: int, epoch: int) -> np.ndarray:
        """(n,) int64 rows of one epoch.

        Raises:
            DataError: no training row can be drawn.
        """
        weights = self.row_weights(labels)
        if not weights.any():
            raise DataError(
                "the sampler draws by 'age', and no training row has an age in a group of positive weight; "
                "use sampler=shuffle, or data with ages"
            )
        return draw(weights, seed, epoch)

    def groups(self, labels: Labels) -> np.ndarray:
        """(N,) int64 age group of each row, UNGROUPED if it has none."""
        known = ~np.isnan(labels.age)
        return np.where(known, np.digitize(np.where(known, labels.age, 0), self.edges) - 1, UNGROUPED)

    def row_weights(self, labels: Labels) -> np.ndarray:
        """(N,) weight of each row, 0 where it has no group; the chance to be drawn is its share of the sum."""
        groups = self.groups(labels)
        if self.difficulty is None:
            return inverse_frequency(groups)
        return np.where(groups == UNGROUPED, 0.0, self.difficulty[groups])
