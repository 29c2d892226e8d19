import numpy as np

from fercli.metrics.ranks import class_ranks, cmc


def test_ranks_of_a_classifier():
    probabilities = np.array([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5], [0.1, 0.5, 0.4]])
    ranks = class_ranks(np.array([0, 0, 2]), probabilities)
    assert ranks.tolist() == [1, 3, 2]
    np.testing.assert_allclose(cmc(ranks, 3), [1 / 3, 2 / 3, 1])
    assert class_ranks(np.array([1]), np.full((1, 4), 0.25)).tolist() == [4]
