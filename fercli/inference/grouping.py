"""Which parts of the tracks of a whole video are one person: single linkage with pairs that must stay apart."""

import numpy as np


def groups(similarity: np.ndarray, apart: np.ndarray, least: float, margin: float) -> np.ndarray:
    """Return the group of each of N parts, as the number of a part in it.

    The most similar pair is joined first. A pair is left apart for good if one of the two is nearly as similar to a
    third who is known to be somebody else than the other.

    Args:
        similarity: (N, N), symmetric.
        apart: (N, N) bool, symmetric: whether two parts cannot be one person.
        least: similarity from which on parts are joined.
        margin: by which a third must be less similar.

    Source: Davidson and Ravi 2005 (agglomerative clustering with pairs that cannot be linked).
    """
    likeness, apart = similarity.copy(), apart.copy()
    doubtful = np.zeros_like(apart)
    label = np.arange(len(apart))
    is_group = np.ones(len(apart), bool)
    first, second = np.nonzero(np.triu(similarity >= least, 1))
    for i in np.argsort(-similarity[first, second], kind="stable"):
        one, other = label[first[i]], label[second[i]]
        if one == other or apart[one, other] or doubtful[one, other]:
            continue
        rival = max(_rival(likeness, apart, is_group, *pair) for pair in ((one, other), (other, one)))
        if rival > likeness[one, other] - margin:
            doubtful[one, other] = doubtful[other, one] = True
            continue
        likeness[one] = likeness[:, one] = np.maximum(likeness[one], likeness[other])
        for table in (apart, doubtful):
            table[one] = table[:, one] = table[one] | table[other]
        label[label == other] = one
        is_group[other] = False
    return label


def _rival(likeness: np.ndarray, apart: np.ndarray, is_group: np.ndarray, one: int, other: int) -> float:
    """Return the similarity of `one` to the likest group that it may belong to and that is not `other`."""
    may = is_group & apart[other] & ~apart[one]
    may[one] = False
    return float(likeness[one, may].max(initial=-np.inf))
