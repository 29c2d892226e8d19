"""Sparse center loss; the numbers were worked out in NumPy and agree with central differences."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.losses.center import center_loss, center_step
from fercli.losses.sparse_center import SparseCenterLoss


def fields(four):
    return four.x, four.y, four.attention, four.centers


def test_value(four):
    assert SparseCenterLoss()(*fields(four)).item() == pytest.approx(0.334375, rel=1e-12)


def test_gradients(four):
    x, attention = four.x.requires_grad_(), four.attention.requires_grad_()
    SparseCenterLoss()(*fields(four)).backward()
    np.testing.assert_allclose(
        x.grad, [[0.125, 0.125], [0.03125, -0.09375], [0.0125, -0.1125], [-0.225, 0.0375]], rtol=1e-12
    )
    np.testing.assert_allclose(
        attention.grad, [[0.03125, 0.125], [0.03125, 0.03125], [0.03125, 0.03125], [0.28125, 0.03125]], rtol=1e-12
    )


def test_gradient_of_the_scores_of_a_head(four):
    inclusion = torch.logit(four.attention.clamp(max=1 - 1e-16)).requires_grad_()
    exclusion = torch.zeros_like(inclusion).requires_grad_()
    attention = torch.stack([exclusion, inclusion]).softmax(0)[1]
    SparseCenterLoss()(four.x, four.y, attention, four.centers).backward()
    expected = np.array([[0, 0.03125], [0.005859375, 0.005859375], [0.0028125, 0.0028125], [0.0675, 0.0065625]])
    np.testing.assert_allclose(inclusion.grad, expected, rtol=1e-9, atol=1e-16)
    np.testing.assert_allclose(exclusion.grad, -expected, rtol=1e-9, atol=1e-16)


def test_step(four, bank):
    delta = SparseCenterLoss().center_step(*fields(four))
    expected = [[0.133333333333, -0.216666666667], [-0.0625, 0.1875], [-0.025, 0.225]]
    np.testing.assert_allclose(delta, expected, rtol=1e-11)
    bank.step(delta)
    moved = [[0.433333333333, 1.108333333333], [0.03125, -0.59375], [1.5125, 0.3875]]
    np.testing.assert_allclose(bank.centers, moved, rtol=1e-11)


def test_absent_classes_stand_still(four):
    delta = SparseCenterLoss().center_step(four.x, torch.zeros(4, dtype=torch.int64), four.attention, four.centers)
    assert delta[1:].tolist() == [[0, 0], [0, 0]]
    assert (delta[0] != 0).all()


@pytest.mark.parametrize("share", [1, 0.5])
def test_an_even_attention_gives_its_share_of_center_loss(four, share):
    even = torch.full_like(four.x, share)
    plain = (four.x, four.y, four.centers)
    loss = SparseCenterLoss()(four.x, four.y, even, four.centers)
    torch.testing.assert_close(loss, share * center_loss(*plain), rtol=1e-12, atol=0)
    step = SparseCenterLoss().center_step(four.x, four.y, even, four.centers)
    torch.testing.assert_close(step, share * center_step(*plain), rtol=1e-12, atol=0)


def test_attention_collapses_where_nothing_holds_it(four):
    """The loss as printed: on frozen features, gradient descent at rate 1 drives attention to 0."""
    inclusion = torch.zeros(4, 2, dtype=torch.float64, requires_grad=True)
    exclusion = torch.zeros(4, 2, dtype=torch.float64, requires_grad=True)
    means = {}
    for step in range(2001):
        attention = torch.stack([exclusion, inclusion]).softmax(0)[1]
        means[step] = attention.mean().item()
        loss = SparseCenterLoss()(four.x, four.y, attention, four.centers)
        by_inclusion, by_exclusion = torch.autograd.grad(loss, [inclusion, exclusion])
        with torch.no_grad():
            inclusion -= by_inclusion
            exclusion -= by_exclusion
    expected = {0: 0.5, 1: 0.490730579, 10: 0.417609838, 100: 0.163743868, 1000: 0.014234910, 2000: 0.006799243}
    assert {step: means[step] for step in expected} == pytest.approx(expected, abs=1e-9)


def test_features_on_their_centers_cost_nothing_and_pull_nothing(four):
    x = four.centers[four.y].requires_grad_()
    loss = SparseCenterLoss()(x, four.y, four.attention, four.centers)
    loss.backward()
    assert loss.item() == 0
    assert not x.grad.any()


def test_invariances(four):
    x, y, attention, centers = fields(four)
    rows, classes, dims = torch.tensor([2, 0, 3, 1]), torch.tensor([2, 0, 1]), torch.tensor([1, 0])
    shift = torch.tensor([3.0, -7.0])
    for case in (
        (x + shift, y, attention, centers + shift),
        (x[rows], y[rows], attention[rows], centers),
        (x, torch.argsort(classes)[y], attention, centers[classes]),  # class classes[i] is called i
        (x[:, dims], y, attention[:, dims], centers[:, dims]),
        (x.repeat(2, 1), y.repeat(2), attention.repeat(2, 1), centers),
    ):
        assert SparseCenterLoss()(*case).item() == pytest.approx(0.334375, rel=1e-9)


def test_turning_the_axes_changes_the_loss(four):
    c, s = np.cos(0.7), np.sin(0.7)
    turn = torch.tensor([[c, s], [-s, c]])
    loss = SparseCenterLoss()(four.x @ turn, four.y, four.attention, four.centers @ turn)
    assert loss.item() == pytest.approx(0.279589237260, rel=1e-9)


@given(m=st.integers(1, 6), d=st.integers(1, 4), k=st.integers(1, 4), seed=st.integers(0, 999))
def test_loops_agree(m, d, k, seed):
    rng = np.random.default_rng(seed)
    x, y, a, c = rng.normal(size=(m, d)), rng.integers(k, size=m), rng.random((m, d)), rng.normal(size=(k, d))
    loss = sum(a[i, j] * (x[i, j] - c[y[i], j]) ** 2 for i in range(m) for j in range(d)) / (2 * m)
    delta = np.zeros((k, d))
    for i in range(m):
        delta[y[i]] += a[i] * (c[y[i]] - x[i]) / (1 + (y == y[i]).sum())
    given_fields = tuple(map(torch.from_numpy, (x, y, a, c)))
    np.testing.assert_allclose(SparseCenterLoss()(*given_fields), loss, rtol=1e-9)
    np.testing.assert_allclose(SparseCenterLoss().center_step(*given_fields), delta, rtol=1e-9, atol=1e-12)
    assert SparseCenterLoss()(*given_fields) <= center_loss(given_fields[0], given_fields[1], given_fields[3])
