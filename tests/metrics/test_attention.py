import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fercli.metrics.attention import attention_statistics


def pairs(attention, labels):
    """The cosine of each pair of samples, by whether they are of one class."""
    centered = attention - attention.mean(0)
    found = {True: [], False: []}
    for i, j in combinations(range(len(labels)), 2):
        a, b = centered[i], centered[j]
        found[bool(labels[i] == labels[j])].append(a @ b / math.sqrt((a @ a) * (b @ b)))
    return found


@given(n=st.integers(3, 9), d=st.integers(2, 5), k=st.integers(2, 3), seed=st.integers(0, 999))
def test_statistics_by_loops(n, d, k, seed):
    generator = np.random.default_rng(seed)
    attention, labels = generator.random((n, d)), generator.integers(k, size=n)
    found = attention_statistics(attention, labels)
    assert (found["min"], found["max"]) == (attention.min(), attention.max())
    assert found["mean"] == pytest.approx(sum(attention.flat) / (n * d))
    entropy = sum(-a * math.log(a) - (1 - a) * math.log(1 - a) for a in attention.flat) / (n * d)
    assert found["entropy"] == pytest.approx(entropy)
    cosines = pairs(attention, labels)
    if cosines[True] and cosines[False]:
        expected = np.mean(cosines[True]) - np.mean(cosines[False])
        assert found["cosine_difference"] == pytest.approx(expected, abs=1e-9)
    else:
        assert math.isnan(found["cosine_difference"])


def test_attention_that_is_of_the_class_alone_differs_the_most():
    attention = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.1, 0.9]])
    assert attention_statistics(attention, np.array([0, 0, 1, 1]))["cosine_difference"] == pytest.approx(2)
    assert attention_statistics(attention, np.array([0, 1, 0, 1]))["cosine_difference"] == pytest.approx(-1)


def test_an_untrained_network_chooses_nothing():
    found = attention_statistics(np.full((4, 8), 0.5, dtype=np.float32), np.array([0, 0, 1, 1]))
    assert found == {"mean": 0.5, "min": 0.5, "max": 0.5, "entropy": pytest.approx(math.log(2)), "cosine_difference": 0}


def test_weights_that_were_normalized_have_no_entropy():
    found = attention_statistics(np.array([[1.5, 0.5], [0.5, 1.5]]), np.array([0, 1]))
    assert math.isnan(found["entropy"])
    assert found["max"] == 1.5


def test_collapsed_weights_have_no_entropy_left():
    assert attention_statistics(np.zeros((2, 3)), np.array([0, 1]))["entropy"] == 0
