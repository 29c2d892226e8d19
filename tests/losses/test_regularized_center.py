import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.errors import ConfigError
from fercli.losses.center import CenterLoss
from fercli.losses.regularized_center import RegularizedCenterLoss


def loops(x, y, c, alpha_1, alpha_2):
    k, within, between, step = len(c), 0.0, 0.0, np.zeros_like(c)
    for i in range(len(x)):
        square = ((x[i] - c[y[i]]) ** 2).sum()
        within += max(0, square - alpha_1) / 2
        step[y[i]] += (square > alpha_1) * (c[y[i]] - x[i]) / (1 + (y == y[i]).sum())
    for j in range(k):
        for n in range(j + 1, k):
            between += max(0, alpha_2 - ((c[j] - c[n]) ** 2).sum())
        for n in set(range(k)) - {j}:
            step[j] -= (((c[j] - c[n]) ** 2).sum() < alpha_2) * (c[j] - c[n]) / (k - 1)
    return within, between, step


@pytest.mark.slow
@given(
    m=st.integers(1, 6),
    d=st.integers(1, 4),
    k=st.integers(1, 4),
    seed=st.integers(0, 999),
    alpha_1=st.floats(0, 3),
    alpha_2=st.floats(0, 9),
)
def test_loops_and_gradients_agree(m, d, k, seed, alpha_1, alpha_2):
    rng = np.random.default_rng(seed)
    x, y, c = rng.normal(size=(m, d)), rng.integers(k, size=m), rng.normal(size=(k, d))
    within, between, step = loops(x, y, c, alpha_1, alpha_2)
    x, y, c = map(torch.from_numpy, (x, y, c))
    close = {"rtol": 1e-9, "atol": 1e-12}
    loss = RegularizedCenterLoss(alpha_1, alpha_2)
    np.testing.assert_allclose(loss(x, y, c), within / m + between, **close)
    np.testing.assert_allclose(RegularizedCenterLoss(alpha_1, alpha_2, "sum")(x, y, c), within + between, **close)
    np.testing.assert_allclose(loss.center_step(x, y, c), step, **close)
    assert torch.autograd.gradcheck(lambda x, c: loss(x, y, c), (x.requires_grad_(), c.requires_grad_()))


def test_without_margins_it_is_center_loss(four):
    fields = (four.x, four.y, four.centers)
    plain = RegularizedCenterLoss(0, 0)
    torch.testing.assert_close(plain(*fields), CenterLoss()(*fields), rtol=1e-12, atol=0)
    torch.testing.assert_close(plain.center_step(*fields), CenterLoss().center_step(*fields), rtol=1e-12, atol=0)


def test_inside_both_margins_nothing_moves(four):
    x = four.x.requires_grad_()
    loss = RegularizedCenterLoss(alpha_1=100, alpha_2=0.1)
    value = loss(x, four.y, four.centers)
    value.backward()
    assert value.item() == 0
    assert not x.grad.any()
    assert not loss.center_step(x, four.y, four.centers).any()


@pytest.mark.parametrize("options", [{"alpha_1": -1}, {"alpha_2": -1}, {"reduction": "no"}])
def test_bad_options_are_refused(options):
    with pytest.raises(ConfigError):
        RegularizedCenterLoss(**options)
