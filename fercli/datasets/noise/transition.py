"""Transition matrices: with which probability a label of each class becomes another one."""

from collections.abc import Mapping, Sequence

import numpy as np

from fercli.errors import ConfigError, choose


def symmetric(present: np.ndarray, rate: float) -> np.ndarray:
    """(K, K) matrix by which a label changes with probability `rate`, to each other class with the same probability.

        T[a, a] = 1 - rate,  T[a, b] = rate / (P - 1) for b != a, of P classes that are present

    Args:
        present: (K,) bool, the classes that the training split holds; others neither change nor are changed to.
        rate: in [0, 1).

    Raises:
        ConfigError: the rate is out of range, or fewer than two classes are present.

    Source: Patrini et al. 2017, section 5; the rate counts labels that change, not labels that are drawn anew.
    """
    _check(present, rate)
    matrix = np.eye(len(present))
    inside = np.ix_(present, present)
    matrix[inside] = rate / (present.sum() - 1)
    np.fill_diagonal(matrix, np.where(present, 1 - rate, 1.0))
    return matrix


def pair(present: np.ndarray, rate: float, classes: Sequence[str], to: Mapping[str, str] | None = None) -> np.ndarray:
    """(K, K) matrix by which a label changes with probability `rate`, always to one other class.

    Args:
        present: as in `symmetric`.
        classes: K names.
        to: class to the class that it becomes; a class that is not named keeps its labels. None: each class becomes the
            next one that is present, in label order, and the last becomes the first.

    Raises:
        ConfigError: as in `symmetric`; a name is no class; a class becomes itself, or one that is not present.

    Source: Han et al. 2018 (Co-teaching), section 4, where it is called pair flipping.
    """
    _check(present, rate)
    places = np.flatnonzero(present)
    target = dict(zip(places.tolist(), np.roll(places, -1).tolist(), strict=True))
    if to is not None:
        for name in (*to, *to.values()):
            choose("class of noise.to", name, classes)
        target = {classes.index(a): classes.index(b) for a, b in to.items()}
        for a, b in target.items():
            if a == b or not present[b]:
                found = "itself" if a == b else "a class without training rows"
                raise ConfigError(f"expected noise.to to name another class for {classes[a]}; found {found}")
    matrix = np.eye(len(present))
    for a, b in target.items():
        matrix[a, a], matrix[a, b] = 1 - rate, rate
    return matrix


def scaled(matrix: np.ndarray, shares: np.ndarray, rate: float) -> np.ndarray:
    """(K, K) matrix with the same ratios between the other classes, by which a share `rate` of all labels changes.

        T'[a, b] = s T[a, b] for b != a,  s = rate / sum over a of share_a (1 - T[a, a])

    Args:
        matrix: (K, K), rows sum to 1.
        shares: (K,) share of each class in the training split.

    Raises:
        ConfigError: the matrix changes no label, or a class would need a probability above 1.
    """
    leaving = 1 - np.diagonal(matrix)
    found = float(shares @ leaving)
    if found <= 0:
        raise ConfigError("expected a confusion matrix with errors; found none outside of its diagonal")
    factor = rate / found
    if (factor * leaving).max() > 1:
        highest = found / leaving.max()
        raise ConfigError(f"expected noise.rate of at most {highest:.3f} with this confusion matrix; found {rate}")
    return np.eye(len(matrix)) + factor * (matrix - np.eye(len(matrix)))


def changed(labels: np.ndarray, draws: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """(n,) int64 labels after the noise; a label of -1 stays.

    A label keeps its class where its draw lies below T[a, a]. So with the same draws, all labels that change at a low
    symmetric rate change at a higher one, too.

    Args:
        labels: (n,) class index, -1 where unknown.
        draws: (n,) in [0, 1).
        matrix: (K, K), rows sum to 1.
    """
    noisy = labels.copy()
    for a in np.unique(labels[labels >= 0]):
        order = np.r_[a, np.delete(np.arange(len(matrix)), a)]
        ends = np.cumsum(matrix[a, order])
        rows = np.flatnonzero(labels == a)
        last = np.flatnonzero(matrix[a, order] > 0)[-1]  # a sum of probabilities may lie just below 1
        noisy[rows] = order[np.minimum(np.searchsorted(ends, draws[rows], side="right"), last)]
    return noisy


def _check(present: np.ndarray, rate: float) -> None:
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate < 1:
        raise ConfigError(f"expected noise.rate of at least 0 and below 1; found {rate}")
    if present.sum() < 2:
        raise ConfigError(f"expected training rows of at least two classes for label noise; found {present.sum()}")
