"""Concordance and correlation against loops and closed forms. `eps=0` where a number of the source is met to 1e-9."""

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from fercli.ops.concordance import ccc, pcc

CASE = {"n": st.integers(2, 8), "seed": st.integers(0, 999)}


def draw(n, seed):
    return tuple(torch.from_numpy(np.random.default_rng(seed).normal(size=(2, n))))


def tensor(*values):
    return torch.tensor(values, dtype=torch.float64)


def loops(x, y, eps=1e-8):
    """Both coefficients, one summand at a time."""
    n = len(x)
    mean_x, mean_y = sum(x) / n, sum(y) / n
    var_x, var_y = sum((a - mean_x) ** 2 for a in x) / n, sum((b - mean_y) ** 2 for b in y) / n
    cov = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / n
    return 2 * cov / (var_x + var_y + (mean_x - mean_y) ** 2 + eps), cov / math.sqrt(var_x * var_y)


@pytest.mark.parametrize(
    ("x", "y", "value"),
    [
        ((1, 2, 3, 4), (2, 3, 4, 5), 5 / 7),  # 0.769 with n - 1 throughout, 0.577 mixed
        ((1, 2, 3, 4), (1, 2, 3, 4), 1),  # 0.75 mixed
        ((1, 2, 3, 4), (2, 4, 6, 8), 0.4),
        ((1, 2, 3, 4), (-1, -2, -3, -4), -0.0909090909),
        ((-3, -1, 1, 3), (3, 1, -1, -3), -1),
        ((0.1, 0.4, -0.2, 0.3), (0, 0.5, -0.3, 0.6), 0.8421052632),
        ((0.2, 0.1, 0, -0.1), (0.3, 0.1, -0.1, -0.1), 0.875),
    ],
)
def test_values(x, y, value):
    assert ccc(tensor(*x), tensor(*y), eps=0).item() == pytest.approx(value, abs=1e-9)
    # 1e-8 in a denominator of 0.04 or more.
    assert ccc(tensor(*x), tensor(*y)).item() == pytest.approx(value, abs=1e-6)


def test_value_of_correlation():
    x, y = tensor(0.1, 0.4, -0.2, 0.3), tensor(0, 0.5, -0.3, 0.6)
    assert pcc(x, y).item() == pytest.approx(0.9502621935, abs=1e-9)


def test_gradient():
    x, y = tensor(0.1, 0.4, -0.2, 0.3).requires_grad_(), tensor(0, 0.5, -0.3, 0.6)
    (1 - ccc(x, y, eps=0)).backward()
    np.testing.assert_allclose(x.grad, [0.3047091413, -0.3462603878, 0.4293628809, -0.8310249307], atol=1e-9)


@pytest.mark.parametrize("constant", [0.0, 0.1, -7.3])
@pytest.mark.parametrize("other", [(0.1, 0.4, -0.2), (0.1, 0.1, 0.1)])
def test_a_constant_has_neither(constant, other):
    x, y = torch.full((3,), constant, dtype=torch.float64).requires_grad_(), tensor(*other)
    found = ccc(x, y)
    found.backward()
    assert found.item() == pytest.approx(0, abs=1e-15)
    assert x.grad.isfinite().all()
    assert pcc(x, y) == pcc(y, x) == 0


def test_one_sample_has_neither():
    x, y = tensor(0.3).requires_grad_(), tensor(0.5)
    ccc(x, y).backward()
    assert ccc(x, y) == pcc(x, y) == 0
    assert x.grad.item() == 0


@given(**CASE)
def test_loops_agree(n, seed):
    x, y = draw(n, seed)
    by_ccc, by_pcc = loops(x.tolist(), y.tolist())
    assert ccc(x, y).item() == pytest.approx(by_ccc, rel=1e-9, abs=1e-12)
    assert pcc(x, y).item() == pytest.approx(by_pcc, rel=1e-9, abs=1e-12)


@given(**CASE)
def test_gradient_is_that_of_differences(n, seed):
    x, y = draw(n, seed)
    assert torch.autograd.gradcheck(ccc, (x.requires_grad_(), y.requires_grad_()))


@given(**CASE, factor=st.floats(0.1, 10), shift=st.floats(-5, 5))
def test_identities(n, seed, factor, shift):
    x, y = draw(n, seed)
    found, rows = ccc(x, y, eps=0), torch.randperm(n)
    var_x, var_y = x.var(correction=0), y.var(correction=0)
    gap = (x.mean() - y.mean()).abs()
    for same in [
        ccc(y, x, eps=0),
        ccc(x[rows], y[rows], eps=0),
        ccc(factor * x + shift, factor * y + shift, eps=0),
        ccc(-x, -y, eps=0),
        1 - (x - y).square().mean() / (var_x + var_y + gap**2),
        pcc(x, y) * 2 / (var_x.sqrt() / var_y.sqrt() + var_y.sqrt() / var_x.sqrt() + gap**2 / (var_x * var_y).sqrt()),
    ]:
        torch.testing.assert_close(same, found, rtol=1e-9, atol=1e-11)
    assert found.abs() <= pcc(x, y).abs() + 1e-12
    torch.testing.assert_close(pcc(factor * x + shift, y), pcc(x, y), rtol=1e-9, atol=1e-11)


@given(**CASE)
def test_the_small_number_in_the_denominator_hides_nothing(n, seed):
    x, y = draw(n, seed)
    assume((x.var(correction=0) + y.var(correction=0)).item() > 0.01)
    torch.testing.assert_close(ccc(x, y), ccc(x, y, eps=0), rtol=1e-6, atol=0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_widened(dtype):
    x, y = torch.tensor([300, 400, 500], dtype=dtype), torch.tensor([310, 390, 520], dtype=dtype)
    found = ccc(x, y)
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(loops(x.tolist(), y.tolist())[0], rel=1e-5)
