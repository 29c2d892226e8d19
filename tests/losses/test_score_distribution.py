"""Divergence to a Gaussian label distribution; the numbers were worked out in NumPy."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from fercli.batch import FitsLabels
from fercli.errors import ConfigError, DataError
from fercli.losses import score_distribution as module
from fercli.losses.score_distribution import ScoreKL
from fercli.ops.score_distribution import expectation
from fercli.ops.score_distribution import score_distribution as distribution


def double(values):
    return torch.tensor(values, dtype=torch.float64)


@pytest.fixture
def three_levels(monkeypatch):
    """The loss of three levels whose target is always the same."""
    monkeypatch.setattr(module, "score_distribution", lambda *_: double([[0.25, 0.5, 0.25]]))
    return ScoreKL(num_levels=3)


@pytest.mark.parametrize(
    ("logits", "value", "gradient"),
    [
        ([0, 0, 0], 0.0588915178, [0.0833333333, -0.1666666667, 0.0833333333]),
        ([1, 0, -1], 0.3678851936, [0.4152409558, -0.2552715289, -0.1599694268]),
    ],
)
def test_value_and_gradient(three_levels, logits, value, gradient):
    z = double([logits]).requires_grad_()
    loss = three_levels(z, double([1]))
    loss.backward()
    assert loss.item() == pytest.approx(value, abs=5e-11)
    np.testing.assert_allclose(z.grad, [gradient], atol=5e-11)


def test_expectation_of_the_same_logits():
    z = double([[1, 0, -1]]).requires_grad_()
    q = z.softmax(1)
    np.testing.assert_allclose(q.detach(), [[0.6652409558, 0.2447284711, 0.0900305732]], atol=5e-11)
    assert expectation(q).item() == pytest.approx(0.4247896174, abs=5e-11)
    loss = F.l1_loss(expectation(q), double([1]))
    loss.backward()
    assert loss.item() == pytest.approx(0.5752103826, abs=5e-11)
    np.testing.assert_allclose(z.grad, [[0.2825874511, -0.1407703575, -0.1418170936]], atol=5e-11)


def test_a_uniform_prediction():
    loss = ScoreKL()(torch.zeros(1, 64, dtype=torch.float64), double([10]))
    assert loss.item() == pytest.approx(2.0467982702, abs=5e-11)
    p = distribution(double([10]), 64, 2.0)
    assert loss.item() == pytest.approx(math.log(64) + torch.xlogy(p, p).sum().item(), rel=1e-12)


@pytest.mark.parametrize(("gap", "value"), [(1, 0.125), (2, 0.5), (5, 3.125), (10, 12.5)])
def test_labels_that_are_predicted_beside_the_true_one(gap, value):
    logits = distribution(double([20 + gap]), 64, 2.0).log()
    assert ScoreKL()(logits, double([20])).item() == pytest.approx(value, rel=1e-9)
    assert ScoreKL()(logits, double([20 + gap])).item() == pytest.approx(0, abs=1e-14)


@given(m=st.integers(1, 5), n=st.integers(2, 12), sigma=st.sampled_from([0.5, 1, 2, 5]), seed=st.integers(0, 999))
def test_loops_agree(m, n, sigma, seed):
    rng = np.random.default_rng(seed)
    z, y = rng.normal(size=(m, n)), rng.uniform(0, n - 1, m)
    loss, gradient = 0.0, np.zeros((m, n))
    for i in range(m):
        p = [math.exp(-((k - y[i]) ** 2) / (2 * sigma**2)) for k in range(n)]
        q = [math.exp(z[i, k]) for k in range(n)]
        for k in range(n):
            p_k, q_k = p[k] / sum(p), q[k] / sum(q)
            loss += p_k * (math.log(p_k) - math.log(q_k)) / m if p_k else 0
            gradient[i, k] = (q_k - p_k) / m
    logits = torch.from_numpy(z).requires_grad_()
    found = ScoreKL(n, sigma)(logits, torch.from_numpy(y))
    found.backward()
    assert found.item() == pytest.approx(loss, rel=1e-9, abs=1e-12)
    assert found.item() >= -1e-15
    np.testing.assert_allclose(logits.grad, gradient, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(logits.grad.sum(1), 0, atol=1e-14)


@given(seed=st.integers(0, 999), shift=st.floats(-1e4, 1e4))
@settings(max_examples=20)
def test_a_shift_of_all_scores_changes_nothing(seed, shift):
    z = torch.randn(3, 64, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    y, loss = double([0, 31, 63]), ScoreKL()
    # A shift of 1e4 costs four digits of the 16.
    torch.testing.assert_close(loss(z + shift, y), loss(z, y), rtol=1e-9, atol=1e-11)


def test_central_differences():
    z = torch.randn(2, 64, generator=torch.Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
    loss, y, step = ScoreKL(), double([3, 40]), 1e-5
    loss(z, y).backward()
    with torch.no_grad():
        for i, k in [(0, 0), (0, 3), (1, 39), (1, 63)]:
            move = torch.zeros_like(z)
            move[i, k] = step
            difference = (loss(z + move, y) - loss(z - move, y)) / (2 * step)
            assert z.grad[i, k].item() == pytest.approx(difference.item(), abs=1e-8)
    assert torch.autograd.gradcheck(lambda z: loss(z, y), z)


def test_a_narrow_target_is_cross_entropy():
    z, y = torch.randn(4, 64, dtype=torch.float64), torch.tensor([0, 10, 33, 63])
    torch.testing.assert_close(ScoreKL(sigma=1e-3)(z, y.double()), F.cross_entropy(z, y), rtol=1e-12, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_extreme_scores_stay_finite(dtype):
    z = torch.full((2, 64), -1e4)
    z[:, 5] = 1e4
    z = z.to(dtype).requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        loss = ScoreKL()(z, torch.tensor([5.0, 60]))
    loss.backward()
    assert loss.dtype == torch.float32
    assert loss.isfinite()
    assert z.grad.isfinite().all()


def test_training_scores_are_checked():
    loss = ScoreKL(num_levels=46)
    assert isinstance(loss, FitsLabels)
    loss.fit(SimpleNamespace(score=np.array([0, 44.5, 45, np.nan])))
    with pytest.raises(DataError, match=r"scores in \[0, 45\], found 46"):
        loss.fit(SimpleNamespace(score=np.array([0, 46.0])))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ScoreKL(sigma=0), "sigma of the label distributions above 0, found 0.* use loss score_cross_entropy"),
        (lambda: ScoreKL(64)(torch.zeros(1, 46), torch.zeros(1)), "scores of 64 levels, the head gives 46"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()
