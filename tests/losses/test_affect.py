import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.losses.affect import AffectMSE, CCCLoss

CASE = {"m": st.integers(2, 6), "seed": st.integers(0, 999)}
PREDICTED = torch.tensor([(0.1, 0.2), (0.4, 0.1), (-0.2, 0), (0.3, -0.1)], dtype=torch.float64)
AFFECT = torch.tensor([(0, 0.3), (0.5, 0.1), (-0.3, -0.1), (0.6, -0.1)], dtype=torch.float64)


def test_values():
    assert AffectMSE()(PREDICTED, AFFECT).item() == pytest.approx(0.0175, abs=1e-9)
    # 1e-8 in denominators of 0.04 and 0.16, which the number does not have.
    assert CCCLoss()(PREDICTED, AFFECT).item() == pytest.approx(0.1414473684, abs=2e-7)


def test_gradient_of_concordance():
    predicted = PREDICTED.clone().requires_grad_()
    CCCLoss()(predicted, AFFECT).backward()
    valence = [0.3047091413, -0.3462603878, 0.4293628809, -0.8310249307]
    np.testing.assert_allclose(2 * predicted.grad[:, 0], valence, rtol=1e-6)  # 1e-8 in a denominator of 0.16


@pytest.mark.parametrize(("predicted", "value"), [(AFFECT, 0), (AFFECT.mean(0) - (AFFECT - AFFECT.mean(0)), 2)])
def test_limits_of_concordance(predicted, value):
    assert CCCLoss()(predicted, AFFECT).item() == pytest.approx(value, abs=1e-6)


def test_one_sample_has_no_concordance_and_pulls_nowhere():
    predicted = torch.tensor([[0.3, -0.8]], requires_grad=True)
    loss = CCCLoss()(predicted, torch.tensor([[0.1, 0.1]]))
    loss.backward()
    assert loss.item() == 1
    assert predicted.grad.tolist() == [[0, 0]]


@given(**CASE)
def test_loops_agree(m, seed):
    x, y = np.random.default_rng(seed).normal(size=(2, m, 2))
    squares, coefficients = 0.0, []
    for j in range(2):
        squares += sum((x[i, j] - y[i, j]) ** 2 for i in range(m)) / (2 * m)
        mean_x, mean_y = x[:, j].sum() / m, y[:, j].sum() / m
        covariance = sum((x[i, j] - mean_x) * (y[i, j] - mean_y) for i in range(m)) / m
        variances = sum((x[i, j] - mean_x) ** 2 + (y[i, j] - mean_y) ** 2 for i in range(m)) / m
        coefficients.append(2 * covariance / (variances + (mean_x - mean_y) ** 2 + 1e-8))
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    assert AffectMSE()(x, y).item() == pytest.approx(squares, rel=1e-9)
    assert CCCLoss()(x, y).item() == pytest.approx(1 - sum(coefficients) / 2, rel=1e-9, abs=1e-12)
