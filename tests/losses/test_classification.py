"""Losses of the class scores against loops and the numbers worked out by hand in the sources' specification."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from fercli.batch import FitsLabels
from fercli.errors import ConfigError, DataError
from fercli.losses.classification import (
    FocalLoss,
    VoteCrossEntropy,
    WeightedCrossEntropy,
    class_weights,
    focal_loss,
    weighted_cross_entropy,
)

CASE = {"m": st.integers(1, 6), "k": st.integers(2, 4), "seed": st.integers(0, 999)}
AFFECTNET = torch.tensor([74_874, 134_415, 25_459, 14_090, 6_378, 3_803, 24_882])


def draw(m, k, seed):
    """Scores, labels, weights and votes."""
    rng = np.random.default_rng(seed)
    drawn = 3 * rng.normal(size=(m, k)), rng.integers(k, size=m), rng.uniform(0.1, 1, k), rng.integers(4, size=(m, k))
    return tuple(map(torch.from_numpy, drawn))


def log_softmax(z):
    """By the definition, of one row."""
    return [s - math.log(sum(math.exp(t) for t in z)) for s in z]


def fitted(expression, num_classes, **options):
    """The loss in float64, fitted to labels of which it sees nothing but the expression."""
    loss = WeightedCrossEntropy(num_classes, **options).double()
    loss.fit(SimpleNamespace(expression=np.array(expression)))
    return loss


def test_cross_entropy_of_the_framework_is_the_one_of_the_source():
    z = torch.tensor([[2, 1, 0, 0, 0, 0, -1]] * 2, dtype=torch.float64, requires_grad=True)
    p = [0.5104625313, 0.1877886707, *[0.0690835913] * 4, 0.0254144329]
    np.testing.assert_allclose(z.softmax(1)[0].detach(), p, atol=1e-9)
    y = torch.tensor([0, 6])
    loss = F.cross_entropy(z, y, reduction="none")
    assert loss.tolist() == pytest.approx([0.6724380402, 3.6724380402], abs=1e-9)
    assert F.cross_entropy(z + 1000, y, reduction="none").tolist() == pytest.approx(loss.tolist(), abs=1e-9)
    loss.sum().backward()
    np.testing.assert_allclose(z.grad, (z.softmax(1) - F.one_hot(y, 7)).detach(), atol=1e-12)


@pytest.mark.parametrize(
    ("weight", "reduction", "value"),
    [
        ((0.2, 1, 0.5), "mean", 1.1749168545),
        ((0.2, 1, 0.5), "weight_mean", 1.9581947575),
        ((1, 1, 1), "mean", 1.3954947401),
        ((0.3, 0.3, 0.3), "weight_mean", 1.3954947401),
    ],
)
def test_weighted_values(weight, reduction, value):
    logits = torch.tensor([[1, 0, 0], [0, 0, 2]], dtype=torch.float64)
    weight = torch.tensor(weight, dtype=torch.float64)
    each = [weighted_cross_entropy(logits[i : i + 1], torch.tensor([i]), weight, "weight_mean") for i in range(2)]
    assert [loss.item() for loss in each] == pytest.approx([0.5514447139, 2.2395447662], abs=1e-9)
    found = weighted_cross_entropy(logits, torch.tensor([0, 1]), weight, reduction)
    assert found.item() == pytest.approx(value, abs=1e-9)


def test_weighted_value_of_the_four_samples(four):
    logits = four.x @ four.weight + four.bias
    loss = fitted([0, 0, 0, 0, 1, 1, 2, 2], 3)
    assert loss.weight.tolist() == [0.5, 1, 1]
    assert loss(logits, four.y).item() == pytest.approx(0.921646349547692, rel=1e-9)


def test_weights_of_affectnet():
    expected = [0.0507920, 0.0282930, 0.1493774, 0.2699077, 0.5962684, 1, 0.1528414]
    np.testing.assert_allclose(class_weights(AFFECTNET), expected, atol=5e-8)
    literal = class_weights(AFFECTNET, "literal")
    np.testing.assert_allclose(literal * class_weights(AFFECTNET), 1, rtol=1e-12)
    assert literal[1].item() == pytest.approx(134_415 / 3_803, rel=1e-12)
    assert literal[5] == 1


@pytest.mark.parametrize("weights", ["inverse", "literal"])
def test_a_class_without_samples_weighs_as_the_rarest(weights):
    assert class_weights(torch.tensor([8, 0, 2]), weights).tolist() == [[0.25, 1, 1], [4, 1, 1]][weights == "literal"]


def test_unlabelled_rows_are_not_counted():
    assert fitted([0, -1, 0, -1, -1, 1], 2).weight.tolist() == [0.5, 1]
    with pytest.raises(DataError, match="expected labelled training rows for the class weights, found none"):
        fitted([-1, -1], 2)


def test_weights_come_back_with_a_checkpoint():
    loss, again = fitted([0, 0, 1], 2), WeightedCrossEntropy(2).double()
    assert isinstance(loss, FitsLabels)
    assert again(torch.zeros(1, 2), torch.tensor([0])).isnan()  # never fitted
    again.load_state_dict(loss.state_dict())
    assert again.weight.tolist() == [0.5, 1]


@given(**CASE)
def test_weighted_loops_agree(m, k, seed):
    z, y, weight, _ = draw(m, k, seed)
    each = [-weight[y[i]].item() * log_softmax(z[i].tolist())[y[i]] for i in range(m)]
    total = sum(weight[c].item() for c in y)
    for reduction, divisor in (("weight_mean", total), ("mean", m)):
        found = weighted_cross_entropy(z, y, weight, reduction).item()
        assert found == pytest.approx(sum(each) / divisor, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("p", "value", "share"),
    [
        (0.9, 0.0010536052, 100),
        (0.968, None, 976.5625),
        (0.5, 0.1732867951, 4),
        (0.1, 1.8650939253, None),
    ],
)
def test_focal_values_of_two_classes(p, value, share):
    logits, y = torch.tensor([[p, 1 - p]], dtype=torch.float64).log(), torch.tensor([0])
    found = focal_loss(logits, y).item()
    if value is not None:
        assert found == pytest.approx(value, abs=1e-9)
    if share is not None:
        assert found == pytest.approx(-math.log(p) / share, rel=1e-9)


def test_focal_value_and_gradient_of_three_classes():
    logits = torch.tensor([[1, 0, -1]], dtype=torch.float64, requires_grad=True)
    loss = focal_loss(logits, torch.tensor([0]), gamma=2)
    loss.backward()
    assert loss.item() == pytest.approx(0.0456777990, abs=1e-9)
    np.testing.assert_allclose(logits.grad[0], [-0.0982877948, 0.0718541356, 0.0264336593], atol=1e-9)
    assert logits.grad.sum().item() == pytest.approx(0, abs=1e-15)


@given(**CASE, gamma=st.sampled_from([0, 0.5, 1, 2, 5]))
def test_focal_loops_agree(m, k, seed, gamma):
    z, y, weight, _ = draw(m, k, seed)
    loss = FocalLoss(gamma, weight.tolist()).double()
    loss.alpha.copy_(weight)
    expected = 0.0
    for i in range(m):
        log_p = log_softmax(z[i].tolist())[y[i]]
        others = sum(math.exp(log_softmax(z[i].tolist())[c]) for c in range(k) if c != y[i])  # 1 - p, exact near 0
        expected -= weight[y[i]].item() * others**gamma * log_p / m
    assert loss(z, y).item() == pytest.approx(expected, rel=1e-9, abs=1e-15)
    if gamma == 0:
        torch.testing.assert_close(focal_loss(z, y, 0), F.cross_entropy(z, y), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("gamma", [0, 0.5, 2])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("label", [0, 1])
def test_focal_loss_of_a_certain_network_stays_finite(gamma, dtype, label):
    logits = torch.tensor([[500.0, -500.0, 0.0]], dtype=dtype, requires_grad=True)
    loss = focal_loss(logits, torch.tensor([label]), gamma)
    loss.backward()
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(1000 * label)
    assert logits.grad.isfinite().all()


def test_votes_are_shares():
    logits = torch.tensor([[0.7, 0.2, 0.1]], dtype=torch.float64).log()
    value = VoteCrossEntropy()(logits, torch.tensor([[5, 3, 2]]))
    assert value.item() == pytest.approx(1.1216858643, abs=1e-9)
    assert VoteCrossEntropy()(logits, torch.tensor([[10, 0, 0]])).item() == pytest.approx(0.3566749439, abs=1e-9)


@given(**CASE)
def test_vote_loops_agree_and_rows_without_votes_change_nothing(m, k, seed):
    z, y, _, votes = draw(m, k, seed)
    expected, rows = 0.0, 0
    for i in range(m):
        if votes[i].sum():
            rows += 1
            share = [votes[i, c].item() / votes[i].sum().item() for c in range(k)]
            expected -= sum(share[c] * log_softmax(z[i].tolist())[c] for c in range(k))
    found = VoteCrossEntropy()(z.requires_grad_(), votes)
    assert found.item() == pytest.approx(expected / max(rows, 1), rel=1e-9, abs=1e-12)
    gradient = torch.autograd.grad(found, z)[0]
    assert not gradient[votes.sum(1) == 0].any()
    one_hot = VoteCrossEntropy()(z, 3 * F.one_hot(y, k))
    torch.testing.assert_close(one_hot, F.cross_entropy(z, y), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: WeightedCrossEntropy(3, weights="inverted"), "no class weights named 'inverted'.*did you mean 'inv"),
        (lambda: WeightedCrossEntropy(3, reduction="sum"), "no reduction of weighted cross-entropy named 'sum'"),
        (lambda: FocalLoss(gamma=-1), "expected gamma of focal loss of 0 or more, found -1"),
        (
            lambda: FocalLoss(alpha=[1, 2])(torch.zeros(1, 3), torch.tensor([0])),
            "3 numbers, one for each class; found 2",
        ),
    ],
)
def test_what_does_not_fit_is_refused(build, message):
    with pytest.raises(ConfigError, match=message):
        build()
