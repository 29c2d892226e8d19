import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.errors import ConfigError
from fercli.losses.center_local import CenterLocalLoss
from fercli.losses.locality_preserving import LocalityPreservingLoss, neighbor_shares


def loops(x, y, k):
    """The loss as a sum, and its gradient with constant neighbors."""
    loss, gradient = 0.0, np.zeros_like(x)
    for i in range(len(x)):
        others = [j for j in range(len(x)) if y[j] == y[i] and j != i]
        near = sorted(others, key=lambda j: ((x[i] - x[j]) ** 2).sum())[:k]
        if near:
            gradient[i] = x[i] - x[near].mean(0)
            loss += (gradient[i] ** 2).sum() / 2
    return loss, gradient


@given(
    m=st.integers(1, 8), d=st.integers(1, 4), classes=st.integers(1, 3), seed=st.integers(0, 999), k=st.integers(1, 5)
)
def test_loops_and_gradients_agree(m, d, classes, seed, k):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(m, d)), rng.integers(classes, size=m)
    loss, gradient = loops(x, y, k)
    x, y = torch.from_numpy(x).requires_grad_(), torch.from_numpy(y)
    found = LocalityPreservingLoss(k, "sum")(x, y)
    np.testing.assert_allclose(found.item(), loss, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(torch.autograd.grad(found, x)[0], gradient, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(LocalityPreservingLoss(k)(x, y).item(), loss / m, rtol=1e-9, atol=1e-12)
    assert torch.autograd.gradcheck(LocalityPreservingLoss(k, detach_mean=False), (x, y))


def test_neighbors_are_the_nearest_of_the_class():
    x = torch.tensor([[0.0], [1.0], [1.5], [10.0], [0.1]])
    shares = neighbor_shares(x, torch.tensor([0, 0, 0, 0, 1]), k=2)
    expected = [[0, 0.5, 0.5, 0, 0], [0.5, 0, 0.5, 0, 0], [0.5, 0.5, 0, 0, 0], [0, 0.5, 0.5, 0, 0], [0] * 5]
    assert shares.tolist() == expected


@pytest.mark.parametrize("k", [3, 20])
def test_with_all_neighbors_it_is_center_local_loss_up_to_a_factor(k):
    """n samples: x - mean of the others is n / (n - 1) times x - mean of all."""
    x = torch.randn(4, 3, dtype=torch.float64)
    y = torch.zeros(4, dtype=torch.int64)
    torch.testing.assert_close(LocalityPreservingLoss(k)(x, y), CenterLocalLoss()(x, y) * (4 / 3) ** 2)


def test_bad_options_are_refused():
    with pytest.raises(ConfigError, match="1 or more; found 0"):
        LocalityPreservingLoss(k=0)
    with pytest.raises(ConfigError, match="no reduction of the locality preserving loss"):
        LocalityPreservingLoss(reduction="no")
