from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.batch import FitsLabels
from fercli.errors import ConfigError
from fercli.losses.affect_bins import LogitLoss, SoftLoss, logit_loss, soft_loss

TARGET = torch.tensor([[0.5, 0.3, 0.2]], dtype=torch.float64)
LOGITS = torch.tensor([[0.7, 0.2, 0.1]], dtype=torch.float64).log()
ONE_HOT = torch.tensor([[1, 0, 0]], dtype=torch.float64)
CASE = {"m": st.integers(1, 6), "k": st.integers(1, 4), "num_bins": st.integers(1, 5), "seed": st.integers(0, 999)}


@pytest.mark.parametrize(
    ("loss", "target", "value", "gradient"),
    [
        (soft_loss, TARGET, 1.1216858643, [0.2, -0.1, -0.1]),
        (soft_loss, ONE_HOT, 0.3566749439, [-0.3, 0.2, 0.1]),
        (logit_loss, TARGET, 0.03, [0.063, -0.042, -0.021]),
        (logit_loss, LOGITS.exp(), 0, [0, 0, 0]),
    ],
)
def test_values_and_gradients(loss, target, value, gradient):
    logits = LOGITS.clone().requires_grad_()
    found = loss(logits, target)
    found.backward()
    assert found.item() == pytest.approx(value, abs=1e-9)
    np.testing.assert_allclose(logits.grad[0], gradient, atol=1e-12)


def test_soft_loss_is_entropy_and_divergence():
    entropy = soft_loss(TARGET.log(), TARGET).item()
    assert entropy == pytest.approx(1.0296530141, abs=1e-9)
    assert soft_loss(LOGITS, TARGET).item() - entropy == pytest.approx(0.0920328502, abs=1e-9)


def test_logit_loss_is_at_most_one():
    assert logit_loss(torch.tensor([[0.0, 1000.0, 0.0]]), ONE_HOT).item() == 1


def fitted(loss, expression, affect, num_classes, num_bins):
    """The loss in float64, fitted to labels of which it sees nothing but expression and affect."""
    loss = loss(num_classes, num_bins).double()
    loss.fit(SimpleNamespace(expression=expression, affect=affect))
    return loss


@pytest.mark.parametrize("loss", [SoftLoss, LogitLoss])
@given(**CASE)
def test_loops_agree(loss, m, k, num_bins, seed):
    rng = np.random.default_rng(seed)
    expression, affect = rng.integers(k, size=30), rng.uniform(-1, 1, size=(30, 2))
    z, met = rng.normal(size=(m, k)), rng.uniform(-1, 1, size=(m, 2))

    def bins(point):
        return tuple(min(int((u + 1) * num_bins / 2), num_bins - 1) for u in point)

    expected = 0.0
    for i in range(m):
        near = [y for y, point in zip(expression, affect, strict=True) if bins(point) == bins(met[i])]
        shares = [np.mean(np.array(near or expression) == c) for c in range(k)]  # an empty bin has the shares of all
        p = np.exp(z[i]) / np.exp(z[i]).sum()
        for c in range(k):
            expected += (-shares[c] * np.log(p[c]) if loss is SoftLoss else (p[c] - shares[c]) ** 2 / 2) / m
    found = fitted(loss, expression, affect, k, num_bins)(torch.from_numpy(z), torch.from_numpy(met))
    assert found.item() == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("loss", [SoftLoss, LogitLoss])
def test_the_distribution_comes_back_with_a_checkpoint_and_is_a_constant(loss):
    first, again = fitted(loss, np.array([0, 1]), np.array([(0.5, 0.5), (-0.5, 0)]), 2, 5), loss(2, 5).double()
    assert isinstance(first, FitsLabels)
    assert not list(first.parameters())
    fields = (torch.zeros(1, 2, dtype=torch.float64), torch.tensor([[0.5, 0.5]]))
    assert again(*fields).isnan()  # never fitted
    again.load_state_dict(first.state_dict())
    assert torch.equal(again(*fields), first(*fields))


def test_less_than_one_bin_is_refused():
    with pytest.raises(ConfigError, match="expected num_bins of 1 or more, found 0"):
        SoftLoss(7, 0)
