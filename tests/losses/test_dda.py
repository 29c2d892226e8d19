"""DDA loss; the numbers were worked out in NumPy and agree with central differences."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from fercli.errors import ConfigError
from fercli.losses.center import center_step
from fercli.losses.dda import AttentiveDDALoss, DDALoss, dda_loss, dda_step

CASE = {"m": st.integers(1, 6), "d": st.integers(1, 4), "k": st.integers(1, 4), "seed": st.integers(0, 999)}


def draw(m, d, k, seed):
    rng = np.random.default_rng(seed)
    return tuple(map(torch.from_numpy, (rng.normal(size=(m, d)), rng.integers(k, size=m), rng.normal(size=(k, d)))))


def loops(x, y, centers):
    """Loss of equation 3.7 and the gradients that follow from it, one summand at a time."""
    (m, d), k = x.shape, len(centers)
    loss, by_x, by_center = 0.0, np.zeros((m, d)), np.zeros((k, d))
    for i in range(m):
        scores = [math.exp(-sum((x[i, j] - centers[c, j]) ** 2 for j in range(d))) for c in range(k)]
        p = [score / sum(scores) for score in scores]
        loss -= math.log(p[y[i]]) / (2 * m)
        for c in range(k):
            by_x[i] += ((c == y[i]) - p[c]) * (x[i] - centers[c]) / m
            by_center[c] += ((c == y[i]) - p[c]) * (centers[c] - x[i]) / m
    return loss, by_x, by_center


@pytest.mark.parametrize(("reduction", "value"), [("mean", 0.064311742753853), ("mean_over_m", 0.016077935688463)])
def test_value(four, reduction, value):
    assert dda_loss(four.x, four.y, four.centers, reduction).item() == pytest.approx(value, rel=1e-9)


def test_value_of_each_sample(four):
    each = [2 * dda_loss(four.x[i : i + 1], four.y[i : i + 1], four.centers).item() for i in range(4)]
    assert each == pytest.approx([0.253853961298, 0.089955180655, 0.083831466236, 0.086853333843], rel=1e-9)


def test_share_of_each_class(four):
    """Minus the logarithm of a share is twice the loss of a sample with that label."""
    shares = [
        [0.775805091343, 0.001923028559, 0.222271880098],
        [0.02759956739, 0.913972147987, 0.058428284623],
        [0.058787180519, 0.021626595117, 0.919586224364],
        [0.916811551, 0.075256474902, 0.007931974098],
    ]
    found = [[math.exp(-2 * dda_loss(x[None], torch.tensor([k]), four.centers)) for k in range(3)] for x in four.x]
    np.testing.assert_allclose(found, shares, atol=1e-11)  # as many digits as are printed


def test_gradients(four):
    x, centers = four.x.requires_grad_(), four.centers.requires_grad_()
    dda_loss(x, four.y, centers).backward()
    by_x = [
        [0.055327591455, -0.028505120722],
        [0.025360552657, 0.024956908927],
        [-0.022806768299, 0.001941748786],
        [-0.007424065838, -0.029212674851],
    ]
    by_center = [
        [0.025216497487, -0.094943862114],
        [-0.018273545529, 0.052286936192],
        [-0.057400261934, 0.073476063782],
    ]
    np.testing.assert_allclose(x.grad, by_x, rtol=1e-9)
    np.testing.assert_allclose(centers.grad, by_center, rtol=1e-9)
    np.testing.assert_allclose(dda_step(x.detach(), four.y, centers.detach()), by_center, rtol=1e-9)
    p = F.softmax(-((x[:, None] - centers) ** 2).sum(2), 1).detach()
    np.testing.assert_allclose(x.grad, ((p @ centers - centers[four.y]) / 4).detach(), rtol=1e-9)
    np.testing.assert_allclose(x.grad.sum(0) + centers.grad.sum(0), 0, atol=1e-15)


@pytest.mark.parametrize(
    ("reduction", "center_scale", "moved"),
    [
        (
            "mean",
            1,
            [[0.32072508459, 1.297471931057], [0.134136772764, -0.651143468096], [1.653700130967, 0.338261968109]],
        ),
        (
            "mean",
            5,
            [[0.270292089615, 1.487359655285], [0.170683863822, -0.755717340479], [1.768500654835, 0.191309840545]],
        ),
        (
            "mean_over_m",
            5,
            [[0.317573022404, 1.309339913821], [0.136420965956, -0.65767933512], [1.660875163709, 0.329077460136]],
        ),
    ],
)
def test_step_together_with_center_loss(four, bank, reduction, center_scale, moved):
    fields = (four.x, four.y, four.centers)
    bank.step(center_step(*fields) + DDALoss(reduction, center_scale).center_step(*fields))
    np.testing.assert_allclose(bank.centers, moved, rtol=1e-9)


def test_absent_classes_move(four):
    step = dda_step(four.x, torch.zeros(4, dtype=torch.int64), four.centers)
    np.testing.assert_allclose(step[1], [0.106726454471, -0.072713063808], rtol=1e-9)
    np.testing.assert_allclose(step[2], [0.067599738066, -0.051523936218], rtol=1e-9)


@pytest.mark.parametrize(("x", "value"), [(0.25, 0.237038492090053), (0.5, 0.346573590279973), (1, 0.656630843759111)])
def test_one_dimension(x, value):
    x = torch.tensor([[x]], dtype=torch.float64, requires_grad=True)
    loss = dda_loss(x, torch.tensor([0]), torch.tensor([[0.0], [1.0]], dtype=torch.float64))
    assert loss.item() == pytest.approx(value, rel=1e-9)
    loss.backward()
    if x.item() == 0.25:
        assert x.grad.item() == pytest.approx(0.377540668798145, rel=1e-9)


def test_half_a_softmax_loss_with_tied_weights(four):
    scores = 2 * four.x @ four.centers.T - four.centers.square().sum(1)
    expected = F.cross_entropy(scores, four.y) / 2
    torch.testing.assert_close(dda_loss(four.x, four.y, four.centers), expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("k", "value"), [(2, 0.346573590280), (3, 0.549306144334), (7, 0.972955074528), (10, 1.151292546497)]
)
def test_equal_centers_give_half_the_log_of_their_number_and_no_pull(k, value):
    x = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
    loss = dda_loss(x, torch.tensor([0, 1, 1, 0, 1]), torch.ones(k, 3, dtype=torch.float64))
    loss.backward()
    assert loss.item() == pytest.approx(value, rel=1e-9)
    np.testing.assert_allclose(x.grad, 0, atol=1e-15)


def test_features_on_their_centers_still_cost(four):
    loss = dda_loss(four.centers[four.y], four.y, four.centers)
    assert loss.item() == pytest.approx(0.127910034168105, rel=1e-9)


@pytest.mark.parametrize(
    ("scale", "value"),
    [(0.1, 0.538046993106), (0.5, 0.321405728259), (1, 0.064311742754), (2, 0.000849411695), (5, 3.36e-15)],
)
def test_scale(four, scale, value):
    # 3.36e-15 is printed with three digits, and float64 rounds log(1 + p) at 1e-16.
    tolerance = {"abs": 2e-16} if scale == 5 else {"rel": 1e-9, "abs": 1e-12}
    assert dda_loss(scale * four.x, four.y, scale * four.centers).item() == pytest.approx(value, **tolerance)


@pytest.mark.parametrize(("label", "value"), [(0, 499_999.5), (1, 0)])
def test_far_features_in_float32_stay_finite(label, value):
    x = torch.tensor([[1000.0, 0.0]], requires_grad=True)
    centers = torch.tensor([[0.0, 0.0], [1000.0, 1.0]])
    with torch.autocast("cpu", torch.bfloat16):
        loss = dda_loss(x, torch.tensor([label]), centers)
    loss.backward()
    assert loss.item() == value
    assert x.grad.isfinite().all()
    assert dda_step(x.detach(), torch.tensor([label]), centers).isfinite().all()


@given(**CASE)
def test_loops_agree(m, d, k, seed):
    x, y, centers = draw(m, d, k, seed)
    loss, by_x, by_center = loops(x.numpy(), y.numpy(), centers.numpy())
    x.requires_grad_()
    found = dda_loss(x, y, centers)
    found.backward()
    np.testing.assert_allclose(found.item(), loss, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(x.grad, by_x, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(dda_step(x.detach(), y, centers), by_center, rtol=1e-9, atol=1e-12)


@given(**CASE, reduction=st.sampled_from(["mean", "mean_over_m"]))
def test_step_is_the_gradient(m, d, k, seed, reduction):
    x, y, centers = draw(m, d, k, seed)
    centers.requires_grad_()
    gradient = torch.autograd.grad(dda_loss(x, y, centers, reduction), centers)[0]
    torch.testing.assert_close(dda_step(x, y, centers.detach(), reduction), gradient, rtol=1e-9, atol=1e-12)
    assert torch.autograd.gradcheck(lambda x: dda_loss(x, y, centers.detach(), reduction), x.requires_grad_())


@given(**CASE)
def test_invariances(m, d, k, seed):
    x, y, centers = draw(m, d, k, seed)
    loss, delta = dda_loss(x, y, centers), dda_step(x, y, centers)
    rows, classes, shift = torch.randperm(m), torch.randperm(k), torch.randn(d, dtype=torch.float64)
    turn = torch.linalg.qr(torch.randn(d, d, dtype=torch.float64)).Q
    renamed = torch.argsort(classes)[y]  # class classes[i] is called i
    for case, expected in [
        ((x[rows], y[rows], centers), delta),
        ((x + shift, y, centers + shift), delta),
        ((x @ turn, y, centers @ turn), delta @ turn),
        ((x, renamed, centers[classes]), delta[classes]),
    ]:
        torch.testing.assert_close(dda_loss(*case), loss, rtol=1e-9, atol=1e-12)
        torch.testing.assert_close(dda_step(*case), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("reduction", "factor"), [("mean", 1), ("mean_over_m", 0.5)])
def test_a_batch_twice(four, reduction, factor):
    twice = dda_loss(four.x.repeat(2, 1), four.y.repeat(2), four.centers, reduction)
    torch.testing.assert_close(twice, factor * dda_loss(four.x, four.y, four.centers, reduction), rtol=1e-12, atol=0)


def test_an_unknown_reduction_is_refused():
    with pytest.raises(ConfigError, match=r"no reduction of the DDA loss named 'men'.*did you mean 'mean'"):
        DDALoss(reduction="men")


def test_attention(four):
    loss = AttentiveDDALoss()(four.x, four.y, four.attention, four.centers)
    assert loss.item() == pytest.approx(0.247760835916694, rel=1e-9)


@pytest.mark.parametrize("reduction", ["mean", "mean_over_m"])
def test_attention_of_one_is_dda(four, reduction):
    attentive, plain, ones = AttentiveDDALoss(reduction, 5), DDALoss(reduction, 5), torch.ones_like(four.x)
    fields = (four.x, four.y, four.centers)
    torch.testing.assert_close(attentive(four.x, four.y, ones, four.centers), plain(*fields))
    step = attentive.center_step(four.x, four.y, ones, four.centers)
    torch.testing.assert_close(step, plain.center_step(*fields))


@given(**CASE)
def test_loops_agree_under_attention(m, d, k, seed):
    x, y, centers = draw(m, d, k, seed)
    attention = torch.rand(m, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    loss, step = 0.0, np.zeros((k, d))
    for i, label in enumerate(y.tolist()):
        a, offsets = attention[i].numpy(), (centers - x[i]).numpy()
        p = np.exp(-(a * offsets**2).sum(1))
        p /= p.sum()
        loss -= math.log(p[label]) / (2 * m)
        for c in range(k):
            step[c] += ((c == label) - p[c]) * a * offsets[c] / m
    found = AttentiveDDALoss(center_scale=3)
    np.testing.assert_allclose(found(x, y, attention, centers), loss, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.center_step(x, y, attention, centers), 3 * step, rtol=1e-9, atol=1e-12)
