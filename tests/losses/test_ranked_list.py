import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pytorch_metric_learning.losses import RankedListLoss as LibraryLoss

from fercli.errors import ConfigError
from fercli.losses.ranked_list import RankedListLoss

ANGLES = np.deg2rad([0, 60, 90, 150])
FOUR, LABELS = torch.from_numpy(np.stack([np.cos(ANGLES), np.sin(ANGLES)], 1)), torch.tensor([0, 0, 1, 1])


def loops(feature, expression, alpha, margin, temperatures, reduction):
    unit = [x / math.sqrt(sum(x**2)) for x in feature]
    total = 0.0
    for i, a in enumerate(unit):
        costs, weights = ([], []), ([], [])  # of positives, of negatives
        for j, b in enumerate(unit):
            if i != j:
                d, kind = math.sqrt(sum((a - b) ** 2)), int(expression[i] != expression[j])
                violation = max(0, alpha - d if kind else d - (alpha - margin))
                if violation > 0:
                    weights[kind].append(math.exp(temperatures[kind] * violation))
                    costs[kind].append(weights[kind][-1] * violation)
        for cost, weight in zip(costs, weights, strict=True):
            if weight:
                total += sum(cost) if reduction == "sum" else sum(cost) / sum(weight) / 2
    return total / len(unit)


def test_printed_value():
    loss = RankedListLoss(1.2, 0.4, negative_temperature=0, reduction="sum")
    assert loss(FOUR, LABELS).item() == pytest.approx(0.541180954897, rel=1e-9)


@pytest.mark.parametrize("temperatures", [(0, 0), (0, 4), (2, 3)])
def test_the_library_has_the_same_weighted_means(temperatures):
    rng = np.random.default_rng(0)
    x, y = torch.from_numpy(rng.normal(size=(12, 3))), torch.arange(12) % 3
    library = LibraryLoss(margin=0.4, Tp=temperatures[0], Tn=temperatures[1], alpha=1.2)
    found = RankedListLoss(1.2, 0.4, *temperatures)(x, y).item()
    assert found == pytest.approx(library(x, y).item(), rel=1e-4)  # 1e-5 in its denominators


@given(
    n=st.integers(1, 6), k=st.integers(1, 3), seed=st.integers(0, 999), scale=st.sampled_from([0.0, 1.0, 10.0]),
    reduction=st.sampled_from(["sum", "weighted_mean"]),
)  # fmt: skip
def test_loops_agree(n, k, seed, scale, reduction):
    rng = np.random.default_rng(seed)
    feature, expression = rng.normal(size=(n, 3)), rng.integers(k, size=n)
    options = (1.3, 0.5, scale / 2, scale, reduction)
    found = RankedListLoss(*options)(torch.from_numpy(feature), torch.from_numpy(expression))
    expected = loops(feature, expression, 1.3, 0.5, (scale / 2, scale), reduction)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_the_nearest_negatives_weigh_most():
    """With the temperature of the authors, the farther of two negatives that fall short hardly counts."""
    angles = np.deg2rad([0, 20, 60])
    x = torch.from_numpy(np.stack([np.cos(angles), np.sin(angles)], 1))
    distances = 2 * np.sin(np.deg2rad([20, 60]) / 2)
    first = [loss(x, torch.tensor([0, 1, 1])).item() for loss in (RankedListLoss(negative_temperature=0),
                                                                 RankedListLoss(negative_temperature=10))]  # fmt: skip
    second = 2 * np.sin(np.deg2rad([20, 40, 60]) / 2)
    assert first[0] < first[1]
    plain = ((1.2 - distances).sum() / 2 + (1.2 - second[0]) + (1.2 - second[2])) / 2 / 3  # each other has one negative
    assert first[0] == pytest.approx(plain, rel=1e-9)


@pytest.mark.parametrize("reduction", ["sum", "weighted_mean"])
def test_gradient_stays_finite_where_samples_coincide(reduction):
    feature = torch.ones(4, 3, requires_grad=True)
    RankedListLoss(reduction=reduction)(feature, LABELS).backward()
    assert feature.grad.isfinite().all()


@pytest.mark.parametrize("reduction", ["sum", "weighted_mean"])
def test_gradient(reduction):
    """With temperatures of 0: the weights of pairs are constants for the gradient."""
    feature = torch.randn(5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    loss, expression = RankedListLoss(negative_temperature=0, reduction=reduction), torch.tensor([0, 0, 1, 1, 1])
    assert torch.autograd.gradcheck(lambda x: loss(x, expression), feature)


def test_weights_are_constants_for_the_gradient():
    """Central differences of the loss whose weights are held at those of the point itself."""
    rng = np.random.default_rng(3)
    angles, y = rng.uniform(0, 2 * np.pi, 5), np.array([0, 0, 1, 1, 1])

    def held(angles, weights=None):
        x = np.stack([np.cos(angles), np.sin(angles)], 1)
        distance = np.linalg.norm(x[:, None] - x[None], axis=2)
        other, own = y[:, None] != y, np.eye(5, dtype=bool)
        violations = {kind: np.maximum(0, v) for kind, v in ((0, distance - 0.8), (1, 1.2 - distance))}
        masks = {0: ~other & ~own, 1: other}
        new = {k: masks[k] * (violations[k] > 0) * np.exp((0, 10)[k] * violations[k]) for k in masks}
        weights = new if weights is None else weights
        costs = [(weights[k] * violations[k]).sum(1) / np.maximum(weights[k].sum(1), 1e-300) / 2 for k in masks]
        return sum(costs).mean(), new

    _, weights = held(angles)
    steps = 1e-6 * np.eye(5)
    expected = [(held(angles + s, weights)[0] - held(angles - s, weights)[0]) / 2e-6 for s in steps]
    turned = torch.from_numpy(angles).requires_grad_()
    RankedListLoss()(torch.stack([turned.cos(), turned.sin()], 1), torch.from_numpy(y)).backward()
    np.testing.assert_allclose(turned.grad, expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": 1, "margin": 2}, "a margin of the ranked list loss of at most alpha=1, found 2"),
        ({"reduction": "mean"}, "no reduction of the ranked list loss named 'mean'"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        RankedListLoss(**options)
