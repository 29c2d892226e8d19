"""The graph of Emotion-GCN: edges between expressions, valence and arousal, estimated from the labels.

Nodes are the K classes, then valence, then arousal. Source: Antoniadis 2021, section 6.3.
"""

import numpy as np
import torch
from scipy.stats import rankdata

from fercli.errors import ConfigError, DataError, choose
from fercli.ops.label_distribution import bin_index, label_distribution

NORMALIZATIONS = ("rows", "literal", "transpose")


def spearman(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Rank correlation of every column of x (n, p) with every column of y (n, q): (p, q) in [-1, 1].

    Ties get their average rank. A constant column has correlation 0 with every column.

    Departs from the source: its equation 6.3.3 does not subtract the mean rank, and so is not a correlation.
    """
    return _unit_ranks(x).T @ _unit_ranks(y)


def affect_correlation(expression: np.ndarray, affect: np.ndarray, num_classes: int) -> np.ndarray:
    """(2, K) Spearman correlation of valence and arousal with each class (1 or 0), over rows with all three labels.

    Args:
        expression: (n,) class index, negative where unknown.
        affect: (n, 2), NaN where unknown.

    Raises:
        DataError: no row has a class, valence and arousal.

    Examples:
        >>> import numpy as np
        >>> from fercli.ops.graph import affect_correlation
        >>> expression = np.array([0, 0, 1, 1])
        >>> affect = np.array([[0.1, 0.3], [0.2, 0.1], [0.8, 0.4], [0.9, 0.2]])
        >>> affect_correlation(expression, affect, num_classes=2).round(2)
        array([[-0.89,  0.89],
               [-0.45,  0.45]])
    """
    expression, affect = _known(expression, affect)
    return spearman(affect, expression[:, None] == np.arange(num_classes))


def conditional_from_bins(
    expression: np.ndarray, affect: np.ndarray, num_classes: int, num_bins: int = 5
) -> np.ndarray:
    """(K, K) P(j | i) = sum over bins b of P(b | i) P(j | b): which classes j share bins with class i.

    A row has only one class, so classes never occur together. Instead, this counts that they occur in the same bins of
    the valence-arousal plane. The row of a class without samples is 0.

    Args:
        expression: (n,) class index, negative where unknown.
        affect: (n, 2) in [-1, 1], NaN where unknown.
        num_bins: bins along each axis.

    Raises:
        DataError: no row has a class, valence and arousal, or valence or arousal lies outside of [-1, 1].
    """
    expression, affect = _known(expression, affect)
    bins = bin_index(torch.as_tensor(affect), num_bins)
    shares = label_distribution(expression, affect, num_classes, num_bins)[bins[:, 0], bins[:, 1]].numpy()
    members = (expression[:, None] == np.arange(num_classes)).astype(np.float64)
    return _ratio(members.T @ shares, members.sum(0)[:, None])


def conditional_from_counts(counts: np.ndarray) -> np.ndarray:
    """(K, K) P(j | i) = N_ij / N_i from co-occurrences N_ij with N_i = N_ii; the row of a class without samples is 0.

    Examples:
        >>> import numpy as np
        >>> from fercli.ops.graph import conditional_from_counts
        >>> conditional_from_counts(np.array([[4, 1], [1, 2]]))
        array([[1.  , 0.25],
               [0.5 , 1.  ]])
    """
    return _ratio(counts, np.diag(counts)[:, None])


def adjacency(
    correlation: np.ndarray,
    tau: float = 0.1,
    p: float = 0.7,
    normalization: str = "rows",
    conditional: np.ndarray | None = None,
) -> np.ndarray:
    """(K + 2, K + 2) weights with which each node (row) receives from the others; 1 - p for itself.

    A class is joined with valence or arousal if the magnitude of their correlation is at least tau. The neighbors of a
    row share p equally. A node without neighbors receives only from itself.

    Args:
        correlation: (2, K) of valence and arousal with the classes.
        tau: in [0, 1].
        p: in [0, 1].
        normalization: `rows`: as described. `literal`: the threshold applies to all pairs, as printed, so that tau = 0
            joins all nodes. `transpose`: the transposed matrix of `literal`, which the released code uses.
        conditional: (K, K) P(j | i); where it is at least tau, class i receives from class j. None: no edges between
            classes.

    Raises:
        ConfigError: tau or p is out of its range, or unknown normalization.

    Source: Antoniadis 2021, section 6.3, steps 1 to 3.

    Examples:
        >>> import numpy as np
        >>> from fercli.ops.graph import adjacency
        >>> adjacency(np.array([[0.9, -0.5], [0.0, 0.3]]), tau=0.1, p=0.7).round(2)
        array([[0.3 , 0.  , 0.7 , 0.  ],
               [0.  , 0.3 , 0.35, 0.35],
               [0.35, 0.35, 0.3 , 0.  ],
               [0.  , 0.7 , 0.  , 0.3 ]])
    """
    for name, value in (("tau", tau), ("p", p)):
        if not 0 <= value <= 1:
            raise ConfigError(f"expected head.{name} in [0, 1], found {value}")
    choose("head.normalization", normalization, NORMALIZATIONS)
    num_classes = correlation.shape[1]
    strength = np.zeros((num_classes + 2, num_classes + 2))
    strength[num_classes:, :num_classes] = np.abs(correlation)
    strength[:num_classes, num_classes:] = np.abs(correlation).T
    allowed = np.full(strength.shape, normalization != "rows")
    allowed[num_classes:, :num_classes] = allowed[:num_classes, num_classes:] = True
    if conditional is not None:
        strength[:num_classes, :num_classes] = conditional
        allowed[:num_classes, :num_classes] = True
    weights = reweighted(allowed & (strength >= tau), p)
    return weights.T if normalization == "transpose" else weights


def reweighted(edges: np.ndarray, p: float) -> np.ndarray:
    """(n, n) weights of edges (n, n): the edges of a row share p equally; the diagonal is 1 - p.

    The diagonal of `edges` is not read. A row without edges has 1 on the diagonal; the source does not give this case.

    Source: Antoniadis 2021, section 6.3, step 3.

    Examples:
        >>> import numpy as np
        >>> from fercli.ops.graph import reweighted
        >>> reweighted(np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), p=0.7).round(2)
        array([[0.3 , 0.35, 0.35],
               [0.7 , 0.3 , 0.  ],
               [0.  , 0.  , 1.  ]])
    """
    others = np.asarray(edges, np.float64) * (1 - np.eye(len(edges)))
    degree = others.sum(1)
    return p * _ratio(others, degree[:, None]) + np.diag(np.where(degree > 0, 1 - p, 1.0))


def _known(expression: np.ndarray, affect: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = (expression >= 0) & np.isfinite(affect).all(1)
    if not known.any():
        raise DataError("expected training rows that carry both an expression and valence and arousal, found none")
    return expression[known], affect[known]


def _unit_ranks(columns: np.ndarray) -> np.ndarray:
    ranks = rankdata(columns, axis=0)
    ranks -= ranks.mean(0)
    return _ratio(ranks, np.linalg.norm(ranks, axis=0))


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Divide; the result is 0 where the denominator is not above 0."""
    return np.divide(above, below, out=np.zeros(above.shape), where=below > 0)
