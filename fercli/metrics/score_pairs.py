"""How the similarity of two samples depends on their depression scores."""

from dataclasses import dataclass

import numpy as np

from fercli.ops.samples import draw_samples


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of samples: `similarity` (p,), the cosine in [-1, 1], and `gap` (p,), the distance of the two scores."""

    similarity: np.ndarray
    gap: np.ndarray


def score_pairs(
    features: np.ndarray,
    score: np.ndarray,
    groups: np.ndarray | None = None,
    num_samples: int = 1500,
    seed: int = 0,
) -> Pairs:
    """Return the pairs i < j of randomly drawn samples.

    Args:
        features: (n, dim).
        score: (n,) points.
        groups: (n,) names or numbers, for example of the recording or the sitting. Two samples of one group form no
            pair, because they are similar whatever the score. None compares all.
        num_samples: the largest number of samples that are drawn.
        seed: seed of the draw.
    """
    rows = draw_samples(len(features), num_samples, seed)
    norms = np.linalg.norm(features[rows], axis=1, keepdims=True)
    unit = np.divide(features[rows], norms, out=np.zeros(features[rows].shape), where=norms > 0)
    first, second = np.triu_indices(len(rows), k=1)
    if groups is not None:
        apart = groups[rows][first] != groups[rows][second]
        first, second = first[apart], second[apart]
    similarity = np.clip((unit @ unit.T)[first, second], -1, 1)
    return Pairs(similarity, np.abs(score[rows][first] - score[rows][second]))


def wrongly_ordered(pairs: Pairs) -> float:
    """Probability that a pair of equal scores is not more similar than a pair of different scores; ties count half.

    It is 0 if all pairs of equal scores are more similar than all others, 0.5 at chance; NaN without pairs of one kind.

    Source: Ustinova and Lempitsky 2016, equation 3, without its bins (in which ties count fully).
    """
    positive, negative = np.sort(pairs.similarity[pairs.gap == 0]), pairs.similarity[pairs.gap > 0]
    if not (len(positive) and len(negative)):
        return float("nan")
    places = np.searchsorted(positive, negative, "left") + np.searchsorted(positive, negative, "right")
    return float(places.mean() / 2 / len(positive))
