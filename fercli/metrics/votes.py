"""The votes of several annotators for one image: how far they agree, and how unsure they are together."""

import numpy as np


def entropy_of_votes(votes: np.ndarray) -> np.ndarray:
    """(n,) entropy of the shares of the votes in bits, between 0 (all annotators agree) and log2 K.

        H_i = - sum over k of q_ik log2 q_ik,   q_ik = v_ik / sum over l of v_il

    Args:
        votes: (n, K) number of annotators that chose each class, at least one in each row.

    Examples:
        >>> entropy_of_votes(np.array([[10, 0], [5, 5]])).tolist()
        [0.0, 1.0]
    """
    shares = votes / votes.sum(axis=1, keepdims=True)
    return -(shares * np.log2(np.where(shares > 0, shares, 1))).sum(axis=1) + 0.0


def agreement_with_rest(votes: np.ndarray) -> np.ndarray:
    """(n,) probability that one annotator, drawn at random, chose the class that most of the others chose.

        a_i = sum over k of (v_ik / n_i) [k in T_ik] / |T_ik|,   T_ik = argmax over l of (v_il - [l = k])

    n_i is the number of votes of image i. T_ik holds the classes with most votes among the n_i - 1 others; where these
    are several, one is drawn, so that a tie counts as a share. The mean over images is the agreement of one annotator
    with the plurality of the rest. Only votes for the K classes are in `votes`: an annotator who answered something
    else (FER+: unknown, no face) is neither drawn nor part of the rest; see `agreement_of_all`.

    It is the accuracy of one person against the others, not a bound on a network: a network can learn what most
    annotators say, which is less noisy than the answer of one of them.

    Args:
        votes: (n, K) number of annotators that chose each class, at least 2 in each row.

    Examples:
        >>> agreement_with_rest(np.array([[3, 0], [2, 1], [1, 1]])).round(3).tolist()
        [1.0, 0.333, 0.0]
    """
    found = np.zeros(len(votes))
    for k in range(votes.shape[1]):
        rest = votes.copy()
        rest[:, k] -= 1
        highest = rest.max(axis=1)
        is_among = rest[:, k] == highest
        num_tied = (rest == highest[:, None]).sum(axis=1)
        found += votes[:, k] * is_among / num_tied
    return found / votes.sum(axis=1)


def agreement_of_all(votes: np.ndarray, num_annotators: np.ndarray) -> np.ndarray:
    """(n,) the same for an annotator drawn among all; an answer that is no class agrees with nobody.

        a_i n_i / N_i

    Args:
        votes: as in `agreement_with_rest`.
        num_annotators: (n,) N_i, how many answered for each image, at least n_i.
    """
    return agreement_with_rest(votes) * votes.sum(axis=1) / np.maximum(num_annotators, votes.sum(axis=1))


def mean(values: np.ndarray) -> float:
    """Mean of (n,) values, with the same sum as `np.mean`, which takes three times as long on few of them."""
    return float(np.add.reduce(values) / len(values))
