"""Ranks of the true class among all classes, and the share of samples up to each rank."""

import numpy as np


def class_ranks(expression: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(n,) rank of the true class among K classes, from 1; a class with equal probability ranks before it.

    Args:
        expression: (n,) class index.
        probabilities: (n, K).

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.ranks import class_ranks
        >>> class_ranks(np.array([0, 1]), np.array([[0.7, 0.2, 0.1], [0.5, 0.2, 0.3]]))
        array([1, 3])
    """
    true = np.take_along_axis(probabilities, expression[:, None], axis=1)
    return (probabilities >= true).sum(1)


def cmc(ranks: np.ndarray, num_ranks: int) -> np.ndarray:
    """(num_ranks,) cumulative match characteristic: share of ranks (n,) that are at most 1, 2, ..., num_ranks.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.ranks import cmc
        >>> cmc(np.array([1, 3, 1, 2]), num_ranks=3)
        array([0.5 , 0.75, 1.  ])
    """
    return (ranks[:, None] <= np.arange(1, num_ranks + 1)).mean(0)
