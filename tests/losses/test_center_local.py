import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.errors import ConfigError
from fercli.losses.center_local import CenterLocalLoss, center_local_loss, class_means


def loops(x, y, weight):
    """The printed sum, with the means of the classes of this batch."""
    means = {c: np.mean([x[i] for i in range(len(x)) if y[i] == c], axis=0) for c in set(y)}
    return sum(weight[i] * ((x[i] - means[y[i]]) ** 2).sum() for i in range(len(x))) / 2


@pytest.mark.parametrize("detach_mean", [True, False])
def test_value_and_gradient_are_the_same_whether_or_not_the_mean_is_detached(three, detach_mean):
    loss = center_local_loss(three.x, three.y, "sum", detach_mean=detach_mean)
    loss.backward()
    assert loss.item() == pytest.approx(2, rel=1e-12)
    assert three.x.grad.tolist() == [[-1, -1], [1, 1], [0, 0]]


@pytest.mark.parametrize(
    ("detach_mean", "gradient"),
    [(True, [[-2, -2], [0.5, 0.5], [0, 0]]), (False, [[-1.25, -1.25], [1.25, 1.25], [0, 0]])],
)
def test_with_unequal_weights_it_matters(three, detach_mean, gradient):
    weight = torch.tensor([[2], [0.5], [1]], dtype=torch.float64)
    loss = center_local_loss(three.x, three.y, "sum", weight, detach_mean)
    loss.backward()
    assert loss.item() == pytest.approx(2.5, rel=1e-12)
    np.testing.assert_allclose(three.x.grad, gradient, rtol=1e-12)


def test_means_of_each_row():
    values = torch.tensor([[1.0], [10.0], [3.0], [20.0], [7.0]])
    assert class_means(values, torch.tensor([4, 0, 4, 0, 2])).tolist() == [[2], [15], [2], [15], [7]]


def test_samples_alone_in_their_class_cost_nothing():
    x = torch.randn(3, 4, requires_grad=True)
    loss = CenterLocalLoss()(x, torch.tensor([2, 0, 1]))
    loss.backward()
    assert loss.item() == 0
    assert not x.grad.any()


@given(m=st.integers(1, 6), d=st.integers(1, 4), k=st.integers(1, 4), seed=st.integers(0, 999))
def test_loops_agree(m, d, k, seed):
    rng = np.random.default_rng(seed)
    x, y, weight = rng.normal(size=(m, d)), rng.integers(k, size=m), rng.random(m)
    tensors = torch.from_numpy(x), torch.from_numpy(y)
    np.testing.assert_allclose(CenterLocalLoss("sum")(*tensors), loops(x, y, np.ones(m)), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(CenterLocalLoss()(*tensors), loops(x, y, np.ones(m)) / m, rtol=1e-9, atol=1e-12)
    weighted = center_local_loss(*tensors, "sum", torch.from_numpy(weight)[:, None])
    np.testing.assert_allclose(weighted, loops(x, y, weight), rtol=1e-9, atol=1e-12)


def test_an_unknown_reduction_is_refused():
    with pytest.raises(ConfigError, match=r"no reduction of the center local loss named 'avg'; choices: mean, sum"):
        CenterLocalLoss("avg")
