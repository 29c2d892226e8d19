import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.errors import ConfigError
from fercli.losses.center import CenterLoss
from fercli.losses.subclass import LocalSubclassLoss, margin_penalty, nearest_own_center

CASE = {"m": st.integers(1, 6), "k": st.integers(1, 3), "s": st.integers(1, 4), "seed": st.integers(0, 999)}


def draw(m, k, s, seed):
    rng = np.random.default_rng(seed)
    return tuple(map(torch.from_numpy, (rng.normal(size=(m, 3)), rng.integers(k, size=m), rng.normal(size=(k, s, 3)))))


def loops(x, y, c, margin):
    """The printed sum, its step, the penalty, and per center the mean of its excess over the others of its class."""
    (k, s, _), loss, penalty = c.shape, 0.0, 0.0
    pull, count, gather = np.zeros_like(c), np.zeros((k, s)), np.zeros_like(c)
    for i in range(len(x)):
        nearest = min(range(s), key=lambda n: ((x[i] - c[y[i], n]) ** 2).sum())
        loss += ((x[i] - c[y[i], nearest]) ** 2).sum() / 2
        pull[y[i], nearest] += c[y[i], nearest] - x[i]
        count[y[i], nearest] += 1
    for j in range(k):
        for n in range(s):
            for other in set(range(s)) - {n}:
                distance = np.linalg.norm(c[j, n] - c[j, other])
                excess = max(distance - margin, 0)
                penalty += excess**2
                gather[j, n] += excess * (c[j, n] - c[j, other]) / distance / (s - 1)
    return loss, pull / (1 + count)[:, :, None], penalty, gather


def test_value_choice_and_step(three):
    fields = (three.x, three.y, three.subcenters)
    assert nearest_own_center(*fields).tolist() == [1, 1, 1]
    assert LocalSubclassLoss(reduction="sum")(*fields).item() == pytest.approx(3, rel=1e-12)
    assert LocalSubclassLoss()(*fields).item() == pytest.approx(1, rel=1e-12)
    expected = [[[0, 0], [0, -2 / 3]], [[0, 0], [0, 0]]]
    np.testing.assert_allclose(LocalSubclassLoss().center_step(*fields), expected, rtol=1e-12)


def test_margin_penalty(three):
    assert margin_penalty(three.subcenters, 0.5).item() == pytest.approx(117.7226463987, rel=1e-9)
    loss = LocalSubclassLoss(0.5, 2, "sum")(three.x, three.y, three.subcenters)
    assert loss.item() == pytest.approx(3 + 2 * 117.7226463987, rel=1e-9)


def test_centers_within_the_margin_or_of_different_classes_cost_nothing(three):
    assert margin_penalty(three.subcenters, 8).item() == 0
    assert margin_penalty(three.subcenters.view(4, 1, 2), 0).item() == 0


def test_two_far_centers_meet_the_margin_in_one_step():
    centers = torch.tensor([[[0.0, 0.0], [9.0, 0.0]]], dtype=torch.float64)
    fields = (centers[0], torch.tensor([0, 0]), centers)  # a sample on each center
    moved = centers - 0.5 * LocalSubclassLoss(margin=1).center_step(*fields)
    np.testing.assert_allclose(moved, [[[4, 0], [5, 0]]], rtol=1e-12)


@pytest.mark.parametrize("shape", [(2, 2), (2, 1, 2)])
@pytest.mark.parametrize("margin", [None, 0.5])
def test_one_center_per_class_is_center_loss(three, shape, margin):
    centers = three.centers.view(shape)
    loss = LocalSubclassLoss(margin, reduction="sum")
    assert loss(three.x, three.y, centers).item() == pytest.approx(17.5, rel=1e-12)
    expected = CenterLoss().center_step(three.x, three.y, three.centers).view(shape)
    torch.testing.assert_close(loss.center_step(three.x, three.y, centers), expected, rtol=1e-12, atol=0)


@given(**CASE)
def test_loops_agree(m, k, s, seed):
    x, y, c = draw(m, k, s, seed)
    loss, pull, penalty, gather = loops(x.numpy(), y.numpy(), c.numpy(), 0.5)
    close = {"rtol": 1e-9, "atol": 1e-12}
    np.testing.assert_allclose(LocalSubclassLoss(reduction="sum")(x, y, c), loss, **close)
    np.testing.assert_allclose(LocalSubclassLoss().center_step(x, y, c), pull, **close)
    np.testing.assert_allclose(LocalSubclassLoss(0.5, 3)(x, y, c), loss / m + 3 * penalty, **close)
    np.testing.assert_allclose(LocalSubclassLoss(0.5, 3).center_step(x, y, c), pull + 3 * gather, **close)


@pytest.mark.slow
@given(**CASE)
def test_gradients(m, k, s, seed):
    x, y, c = draw(m, k, s, seed)
    loss = LocalSubclassLoss(0.5)
    assert torch.autograd.gradcheck(lambda x, c: loss(x, y, c), (x.requires_grad_(), c.requires_grad_()))


@given(**CASE)
def test_order_and_number_of_centers(m, k, s, seed):
    x, y, c = draw(m, k, s, seed)
    loss, order, more = LocalSubclassLoss(), torch.randperm(s), torch.randn(k, 1, 3, dtype=torch.float64)
    torch.testing.assert_close(loss(x, y, c[:, order]), loss(x, y, c), rtol=1e-12, atol=0)
    torch.testing.assert_close(loss.center_step(x, y, c[:, order]), loss.center_step(x, y, c)[:, order])
    assert loss(x, y, torch.cat([c, more], 1)) <= loss(x, y, c)


def test_of_equally_near_centers_the_first_moves():
    centers = torch.tensor([[[1.0], [-1.0]]])
    delta = LocalSubclassLoss().center_step(torch.tensor([[0.0]]), torch.tensor([0]), centers)
    assert delta.tolist() == [[[0.5], [0]]]


@pytest.mark.parametrize("options", [{"margin": -1}, {"lambda_1": -1}, {"reduction": "no"}])
def test_bad_options_are_refused(options):
    with pytest.raises(ConfigError):
        LocalSubclassLoss(**options)
