import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.errors import DataError
from fercli.ops.label_distribution import bin_index, label_distribution

POINTS = [(-0.9, -0.9), (-0.9, -0.85), (0.5, 0.5), (0.62, 0.7), (0.55, 0.65), (1, 1), (0, 0)]
CASE = {"n": st.integers(1, 30), "k": st.integers(1, 4), "num_bins": st.integers(1, 6), "seed": st.integers(0, 999)}


def draw(n, k, num_bins, seed):
    rng = np.random.default_rng(seed)
    return rng.integers(k, size=n), rng.uniform(-1, 1, size=(n, 2)), k, num_bins


@pytest.mark.parametrize(
    ("num_bins", "expected"),
    [
        (5, [(0, 0), (0, 0), (3, 3), (4, 4), (3, 4), (4, 4), (2, 2)]),
        (10, [(0, 0), (0, 0), (7, 7), (8, 8), (7, 8), (9, 9), (5, 5)]),
    ],
)
def test_bins(num_bins, expected):
    assert bin_index(torch.tensor(POINTS), num_bins).tolist() == [list(pair) for pair in expected]


@given(num_bins=st.integers(1, 50), seed=st.integers(0, 999))
def test_borders_fall_into_the_same_bin_in_either_precision(num_bins, seed):
    tenths = np.random.default_rng(seed).integers(-10, 11, size=(20, 2)) / 10
    double = torch.from_numpy(tenths)
    assert torch.equal(bin_index(double, num_bins), bin_index(double.float(), num_bins))


def test_shares():
    found = label_distribution(np.array([0, 1, 1, 1, 2, 1, 2]), np.array(POINTS), 3, 5)
    np.testing.assert_allclose(found[0, 0], [0.5, 0.5, 0])
    np.testing.assert_allclose(found[3, 3], [0, 1, 0])
    np.testing.assert_allclose(found[3, 4], [0, 0, 1])  # valence first
    np.testing.assert_allclose(found[4, 3], [1 / 7, 4 / 7, 2 / 7])  # nobody there: the shares of all
    np.testing.assert_allclose(found[4, 4], [0, 1, 0])


def test_rows_that_lack_a_label_do_not_count():
    expression = np.array([0, 1, -1, 1])
    affect = np.array([(0.5, 0.5), (0.5, np.nan), (0.5, 0.5), (0.5, 0.5)])
    assert label_distribution(expression, affect, 2, 1).tolist() == [[[0.5, 0.5]]]


@given(**CASE)
def test_loops_agree(n, k, num_bins, seed):
    expression, affect, *_ = draw(n, k, num_bins, seed)
    found = label_distribution(expression, affect, k, num_bins)
    count = np.zeros((num_bins, num_bins, k))
    for y, (v, a) in zip(expression, affect, strict=True):
        count[min(int((v + 1) * num_bins / 2), num_bins - 1), min(int((a + 1) * num_bins / 2), num_bins - 1), y] += 1
    for i in range(num_bins):
        for j in range(num_bins):
            total = count[i, j].sum()
            expected = count[i, j] / total if total else [(expression == c).mean() for c in range(k)]
            np.testing.assert_allclose(found[i, j], expected, rtol=1e-9)


@given(**CASE)
def test_identities(n, k, num_bins, seed):
    expression, affect, *_ = draw(n, k, num_bins, seed)
    found = label_distribution(expression, affect, k, num_bins)
    np.testing.assert_allclose(found.sum(2), 1, rtol=1e-12)
    prior = [(expression == c).mean() for c in range(k)]
    valence, arousal = bin_index(torch.from_numpy(affect), num_bins).unbind(1)
    each = found[valence, arousal].numpy()
    assert (each[np.arange(n), expression] > 0).all()
    np.testing.assert_allclose(each.mean(0), prior, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(label_distribution(expression, affect, k, 1)[0, 0], prior, rtol=1e-12)
    order = np.random.default_rng(seed).permutation(n)
    assert torch.equal(label_distribution(expression[order], affect[order], k, num_bins), found)


@pytest.mark.parametrize(
    ("expression", "affect", "message"),
    [
        ([-1, 0], [(0.5, 0.5), (np.nan, 0.5)], "both an expression and valence and arousal, found none"),
        ([0, 0], [(0.5, 0.5), (-2, 0.5)], r"in \[-1, 1\], found a magnitude of 2"),
    ],
)
def test_what_cannot_be_counted_is_refused(expression, affect, message):
    with pytest.raises(DataError, match=message):
        label_distribution(np.array(expression), np.array(affect), 2, 5)
