"""Draws rare expressions more often."""

import numpy as np

from fercli.batch import Labels
from fercli.errors import choose
from fercli.samplers.groups import draw, groups_of, inverse_frequency

WEIGHTS = ("inverse", "literal")


class ExpressionSampler:
    """Draws rows with replacement, so that each expression is equally likely.

    An epoch has as many draws as the training split has rows with an expression. Other rows are never drawn.

    Args:
        weights: `inverse`: the weight of a row is f_min / f_y, with the size f_y of its class and the size f_min of the
            smallest class. `literal`: it is f_y / f_min, as the source prints; frequent classes become more frequent.

    Source: Antoniadis 2021, chapter 5; the weight printed there contradicts the purpose stated beside it.
    """

    def __init__(self, weights: str = "inverse"):
        choose("sampler.weights", weights, WEIGHTS)
        self.weights = weights

    def __call__(self, labels: Labels, seed: int, epoch: int) -> np.ndarray:
        """(n,) int64 rows of one epoch."""
        return draw(self.row_weights(labels), seed, epoch)

    def row_weights(self, labels: Labels) -> np.ndarray:
        """(N,) weight of each row, 0 where it has no expression; the chance to be drawn is its share of the sum."""
        weights = inverse_frequency(groups_of(labels, "expression"))
        if self.weights == "literal":
            weights[weights > 0] = 1 / weights[weights > 0]
        return weights
