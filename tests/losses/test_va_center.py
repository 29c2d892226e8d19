import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.errors import ConfigError
from fercli.losses.center import CenterLoss
from fercli.losses.center_local import CenterLocalLoss
from fercli.losses.va_center import VACenter, VACenterLocal, affect_weight, affect_weights


def loops(x, y, affect, centers, dims):
    """Weights, printed sums of both forms, and the step of learned centers, one sample at a time."""
    columns = {"both": [0, 1], "valence": [0], "arousal": [1]}[dims]
    d_max = 2 * math.sqrt(2) if dims == "both" else 2
    own = [[j for j in range(len(x)) if y[j] == y[i]] for i in range(len(x))]
    weights, learned, local, step = [], 0.0, 0.0, np.zeros_like(centers)
    for i in range(len(x)):
        squares = [(affect[i, c] - np.mean([affect[j, c] for j in own[i]])) ** 2 for c in columns]
        weights.append((d_max - math.sqrt(sum(squares))) ** 2 / 4)
        learned += weights[i] * ((x[i] - centers[y[i]]) ** 2).sum() / 2
        local += weights[i] * ((x[i] - x[own[i]].mean(0)) ** 2).sum() / 2
        step[y[i]] += weights[i] * (centers[y[i]] - x[i]) / (1 + len(own[i]))
    return weights, learned, local, step


def test_weight_of_a_distance():
    distance = torch.tensor([0, 0.5, 1, 2, 2 * math.sqrt(2)], dtype=torch.float64)
    expected = [2, 1.3553932188, 0.8357864376, 0.1715728753, 0]
    np.testing.assert_allclose(affect_weight(distance), expected, rtol=1e-9, atol=1e-12)
    assert affect_weight(torch.tensor(2 * math.sqrt(2) - 2)).item() == pytest.approx(1)
    assert (affect_weight(torch.linspace(0, 2.8, 50)).diff() < 0).all()


@pytest.mark.parametrize(("dims", "weights"), [("both", [1.62, 1.62, 2]), ("valence", [0.81, 0.81, 1])])
def test_weights(three, dims, weights):
    np.testing.assert_allclose(affect_weights(three.affect, three.y, dims)[:, 0], weights, rtol=1e-9)


def test_distances_from_the_mean_of_the_class(three):
    weights = affect_weights(three.affect, three.y)[:, 0]
    distances = 2 * math.sqrt(2) - 2 * weights.sqrt()  # from w = (d_max - d)^2 / 4
    np.testing.assert_allclose(distances, [0.2828427125, 0.2828427125, 0], atol=1e-9)


def test_values(three):
    fields = (three.x, three.y, three.affect)
    assert VACenter(reduction="sum")(*fields, three.centers).item() == pytest.approx(29.3, rel=1e-9)
    assert VACenterLocal(reduction="sum")(*fields).item() == pytest.approx(3.24, rel=1e-9)
    assert VACenterLocal()(*fields).item() == pytest.approx(3.24 / 3, rel=1e-9)


def test_of_one_dimension_and_equal_affect_it_is_the_plain_loss(three):
    same = torch.zeros_like(three.affect)
    local = VACenterLocal("arousal", "sum")(three.x, three.y, same)
    learned = VACenter("valence", "sum")
    assert local.item() == pytest.approx(CenterLocalLoss("sum")(three.x, three.y).item(), rel=1e-12)
    assert learned(three.x, three.y, same, three.centers).item() == pytest.approx(17.5, rel=1e-12)
    step = CenterLoss().center_step(three.x, three.y, three.centers)
    torch.testing.assert_close(learned.center_step(three.x, three.y, same, three.centers), step)


@pytest.mark.parametrize("detach_mean", [True, False])
def test_gradient_through_the_mean(three, detach_mean):
    affect = torch.tensor([[1, 0], [0, 0], [-0.4, 0], [0.5, 0]], dtype=torch.float64)
    x = torch.tensor([[1, 2], [3, 4], [-1, 0], [5, 5]], dtype=torch.float64, requires_grad=True)
    y = torch.tensor([0, 0, 0, 1])
    VACenterLocal("both", "sum", detach_mean)(x, y, affect).backward()
    w = affect_weights(affect, y).numpy()
    offsets = (x - torch.stack([x[:3].mean(0)] * 3 + [x[3]])).detach().numpy()
    expected = w * offsets
    if not detach_mean:
        expected[:3] -= expected[:3].mean(0)
    np.testing.assert_allclose(x.grad, expected, rtol=1e-9, atol=1e-12)


@given(
    m=st.integers(1, 6),
    k=st.integers(1, 3),
    seed=st.integers(0, 999),
    dims=st.sampled_from(["both", "valence", "arousal"]),
)
def test_loops_agree(m, k, seed, dims):
    rng = np.random.default_rng(seed)
    x, y, affect, centers = (
        rng.normal(size=(m, 3)),
        rng.integers(k, size=m),
        rng.uniform(-1, 1, (m, 2)),
        rng.normal(size=(k, 3)),
    )
    weights, learned, local, step = loops(x, y, affect, centers, dims)
    x, y, affect, centers = map(torch.from_numpy, (x, y, affect, centers))
    close = {"rtol": 1e-9, "atol": 1e-12}
    np.testing.assert_allclose(affect_weights(affect, y, dims)[:, 0], weights, **close)
    for reduction, share in [("sum", 1), ("mean", m)]:
        np.testing.assert_allclose(VACenter(dims, reduction)(x, y, affect, centers), learned / share, **close)
        np.testing.assert_allclose(VACenterLocal(dims, reduction)(x, y, affect), local / share, **close)
        np.testing.assert_allclose(VACenter(dims, reduction).center_step(x, y, affect, centers), step, **close)


@pytest.mark.parametrize("loss", [VACenter, VACenterLocal])
def test_unknown_options_are_refused(loss):
    with pytest.raises(ConfigError, match=r"no choice of dims named 'valance'.*did you mean 'valence'"):
        loss(dims="valance")
    with pytest.raises(ConfigError, match="no reduction of the VA-based center loss"):
        loss(reduction="none")
