import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fercli.metrics.score_pairs import Pairs, score_pairs, wrongly_ordered


def drawn(seed=0, n=12):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, 3)), generator.integers(0, 6, n).astype(float), generator.integers(0, 4, n)


@pytest.mark.parametrize("grouped", [False, True])
def test_pairs_by_loops(grouped):
    features, score, groups = drawn()
    pairs = score_pairs(features, score, groups if grouped else None)
    expected = []
    for i, j in combinations(range(12), 2):
        if not grouped or groups[i] != groups[j]:
            a, b = features[i], features[j]
            expected.append((a @ b / math.sqrt((a @ a) * (b @ b)), abs(score[i] - score[j])))
    np.testing.assert_allclose(np.stack([pairs.similarity, pairs.gap], axis=1), expected, atol=1e-12)


def test_many_samples_are_drawn_from():
    features, score, _ = drawn(n=50)
    assert len(score_pairs(features, score, num_samples=10).gap) == 45


@given(seed=st.integers(0, 99))
def test_order_of_pairs_by_loops(seed):
    generator = np.random.default_rng(seed)
    similarity, gap = generator.integers(-3, 4, 20) / 3, generator.integers(0, 3, 20)
    wins = [
        float(positive < negative) + 0.5 * float(positive == negative)
        for positive in similarity[gap == 0]
        for negative in similarity[gap > 0]
    ]
    found = wrongly_ordered(Pairs(similarity, gap))
    assert found == pytest.approx(np.mean(wins)) if wins else math.isnan(found)
