"""Soft histograms; the numbers were worked out in NumPy."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.ops.histogram import above_diagonal, expected_cost, histogram, order_cost

CASE = {"num_positive": st.integers(1, 6), "num_negative": st.integers(1, 6), "num_nodes": st.integers(2, 30)}
CASE |= {"seed": st.integers(0, 999)}


def double(values):
    return torch.tensor(values, dtype=torch.float64)


def shares(values, num_nodes):
    """Histogram of values that all weigh the same."""
    return histogram(double(values), torch.ones(len(values), dtype=torch.float64), num_nodes)


def order(positive, negative, num_nodes, margin=None):
    return expected_cost(shares(positive, num_nodes), shares(negative, num_nodes), order_cost(num_nodes, margin)).item()


def loops(values, weights, num_nodes):
    """The triangular kernel at every node, one pair at a time."""
    spacing = 2 / (num_nodes - 1)
    nodes = [-1 + r * spacing for r in range(num_nodes)]
    sums = [sum(w * max(0, 1 - abs(s - t) / spacing) for s, w in zip(values, weights, strict=True)) for t in nodes]
    return np.array(sums) / sum(weights)


def draw(num_positive, num_negative, seed):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, num_positive), rng.uniform(-1, 1, num_negative)


def test_pairs_above_the_diagonal_come_row_by_row():
    assert above_diagonal(torch.arange(9).view(3, 3)).tolist() == [1, 2, 5]
    assert above_diagonal(torch.zeros(1, 1)).shape == (0,)


@pytest.mark.parametrize(
    ("value", "expected"), [(0.5, [0, 0, 0, 1, 0]), (1, [0, 0, 0, 0, 1]), (-1, [1, 0, 0, 0, 0]), (2, [0, 0, 0, 0, 1])]
)
def test_a_value_on_a_node_counts_there_alone(value, expected):
    assert shares([value], 5).tolist() == expected


def test_two_kinds_of_pairs():
    positive, negative = double([0.9, 0.1]).requires_grad_(), double([-0.3, 0.4]).requires_grad_()
    weights = torch.ones(2, dtype=torch.float64)
    above, below = histogram(positive, weights, 5), histogram(negative, weights, 5)
    np.testing.assert_allclose(above.detach(), [0, 0, 0.4, 0.2, 0.4], atol=1e-12)
    np.testing.assert_allclose(below.detach(), [0, 0.3, 0.3, 0.4, 0], atol=1e-12)
    loss = expected_cost(above, below, order_cost(5))
    loss.backward()
    assert loss.item() == pytest.approx(0.36, rel=1e-12)
    np.testing.assert_allclose(positive.grad, [-0.4, -0.3], rtol=1e-9)
    np.testing.assert_allclose(negative.grad, [0.4, 0.2], rtol=1e-9)


@pytest.mark.parametrize("num_nodes", [51, 101, 151, 201])
def test_one_of_four_pairs_in_the_wrong_order(num_nodes):
    assert order([0.9, 0.1], [-0.3, 0.4], num_nodes) == pytest.approx(0.25, rel=1e-12)


@pytest.mark.parametrize("num_nodes", [5, 21, 101])
def test_all_pairs_in_the_right_or_in_the_wrong_order(num_nodes):
    assert order([0.8, 0.9], [-0.9, -0.2], num_nodes) == pytest.approx(0, abs=1e-15)
    assert order([-0.9, -0.8], [0.2, 0.9], num_nodes) == pytest.approx(1, rel=1e-12)


def test_the_same_values_of_both_kinds():
    values = [-0.3, 0.1, 0.4]
    expected = (1 + shares(values, 5).square().sum().item()) / 2
    assert order(values, values, 5) == pytest.approx(0.6844444444, abs=5e-11)
    assert order(values, values, 5) == pytest.approx(expected, rel=1e-12)


def test_no_weight_gives_zeros_and_a_gradient_of_zero():
    values = double([0.2, 0.4]).requires_grad_()
    found = histogram(values, torch.zeros(3, 2, dtype=torch.float64), 5)
    found.sum().backward()
    assert found.shape == (3, 5)
    assert not found.any()
    assert values.grad.tolist() == [0, 0]
    assert histogram(double([]), torch.zeros(1, 0, dtype=torch.float64), 5).tolist() == [[0, 0, 0, 0, 0]]


def test_a_value_that_is_no_number_shows():
    assert histogram(double([np.nan, 0.3]), torch.ones(2, dtype=torch.float64), 5).isnan().any()


@given(**CASE)
def test_loops_agree(num_positive, num_negative, num_nodes, seed):
    positive, negative = draw(num_positive, num_negative, seed)
    weights = np.random.default_rng(seed).uniform(0.1, 1, (2, num_positive))
    found = histogram(torch.from_numpy(positive), torch.from_numpy(weights), num_nodes)
    expected = [loops(positive, row, num_nodes) for row in weights]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)

    nodes = np.linspace(-1, 1, num_nodes)
    above, below = loops(positive, np.ones(num_positive), num_nodes), loops(negative, np.ones(num_negative), num_nodes)
    for margin, cost in ((None, lambda t, q: float(q <= t)), (0.3, lambda t, q: max(0, 0.3 + t - q))):
        expected = sum(
            b * a * cost(t, q) for b, t in zip(below, nodes, strict=True) for a, q in zip(above, nodes, strict=True)
        )
        assert order(positive, negative, num_nodes, margin) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(**CASE)
def test_identities(num_positive, num_negative, num_nodes, seed):
    positive, negative = draw(num_positive, num_negative, seed)
    values, weights = torch.from_numpy(positive), torch.arange(1, num_positive + 1, dtype=torch.float64)
    found = histogram(values, weights, num_nodes)
    assert found.sum().item() == pytest.approx(1, rel=1e-12)
    torch.testing.assert_close(histogram(values, 7 * weights, num_nodes), found, rtol=1e-12, atol=1e-15)
    assert 0 <= order(positive, negative, num_nodes) <= 1 + 1e-12
    # No pair leads by more than 2, and the kernel keeps the mean: then the margin is missed by a difference of means.
    expected = 2 + negative.mean() - positive.mean()
    assert order(positive, negative, num_nodes, margin=2) == pytest.approx(expected, rel=1e-9)


@given(**CASE)
def test_gradient(num_positive, num_negative, num_nodes, seed):
    """The analytic form, for values between nodes."""
    positive, negative = map(torch.from_numpy, draw(num_positive, num_negative, seed))
    positive.requires_grad_(), negative.requires_grad_()
    above = histogram(positive, torch.ones_like(positive), num_nodes)
    below = histogram(negative, torch.ones_like(negative), num_nodes)
    expected_cost(above, below, order_cost(num_nodes)).backward()
    spacing = 2 / (num_nodes - 1)
    left = [int((s.item() + 1) / spacing) for s in positive], [int((s.item() + 1) / spacing) for s in negative]
    by_positive = -below.detach()[left[0]] / (num_positive * spacing)
    by_negative = above.detach()[[r + 1 for r in left[1]]] / (num_negative * spacing)
    torch.testing.assert_close(positive.grad, by_positive, rtol=1e-9, atol=1e-11)
    torch.testing.assert_close(negative.grad, by_negative, rtol=1e-9, atol=1e-11)
