import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fercli.monitor.patterns import entropy, lasting, sliding_shares


@pytest.mark.parametrize(
    ("votes", "nats"),
    [
        ([64], 0.0),
        ([32, 32], 0.693147180560),
        ([16] * 4, 1.386294361120),
        ([48, 16], 0.562335144619),
        ([60, 4], 0.233791658706),
        ([40, 24], 0.661563238158),
        ([33, 31], 0.692658819806),
        ([22, 21, 21], 1.098369390262),
        ([9] * 6 + [10], 1.945195925452),
        ([32, 16, 16], 1.039720770840),
    ],
)
def test_entropy_of_sixty_four_votes(votes, nats):
    shares = np.zeros(7)
    shares[: len(votes)] = np.array(votes) / 64
    assert entropy(shares) == pytest.approx(nats, abs=1e-12)
    assert entropy(np.roll(shares[::-1], 3)) == pytest.approx(nats, abs=1e-12)  # whatever the classes are called


def test_entropy_is_never_a_negative_zero():
    assert math.copysign(1, entropy(np.array([1.0, 0.0]))) == 1


@given(labels=st.lists(st.integers(0, 3), min_size=5, max_size=12), length=st.integers(1, 5))
def test_sliding_shares_by_counting(labels, length):
    found = sliding_shares(np.array(labels), 4, length)
    assert len(found) == len(labels) - length + 1
    for start, shares in enumerate(found):
        window = labels[start : start + length]
        np.testing.assert_allclose(shares, [window.count(k) / length for k in range(4)], rtol=1e-15)


def test_a_pattern_lasts_where_it_held_throughout():
    holds = np.array([True, True, False, True, True, True])
    np.testing.assert_array_equal(lasting(holds, 1), holds)
    np.testing.assert_array_equal(lasting(holds, 2), [False, True, False, False, True, True])
    np.testing.assert_array_equal(lasting(holds, 3), [False] * 5 + [True])
