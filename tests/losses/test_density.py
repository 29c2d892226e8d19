"""Density loss; the numbers were worked out in NumPy."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.errors import ConfigError
from fercli.losses.density import DensityLoss, density_loss

CASE = {"n": st.integers(1, 7), "k": st.integers(1, 3), "seed": st.integers(0, 999)}


def on_the_circle(*degrees):
    angles = np.deg2rad(degrees)
    return torch.from_numpy(np.stack([np.cos(angles), np.sin(angles)], 1))


FOUR, LABELS_4 = on_the_circle(0, 60, 90, 150), torch.tensor([0, 0, 1, 1])
SIX, LABELS_6 = on_the_circle(0, 20, 70, 90, 120, 180), torch.tensor([0, 0, 0, 1, 1, 1])


def draw(n, k, seed, dim=3):
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.normal(size=(n, dim))), torch.from_numpy(rng.integers(k, size=n))


def weighted(feature, expression, boundary):
    """(B, B) products of weight and violation, one pair at a time."""
    n = len(feature)
    unit = [x / math.sqrt(sum(x**2)) for x in np.asarray(feature)]
    s = [[sum(a * b) for b in unit] for a in unit]
    products = np.zeros((n, n))
    weights = np.ones((n, n))
    for i in range(n):
        for kind in (True, False):
            pairs = [j for j in range(n) if j != i and (expression[j] == expression[i]) == kind]
            mean = sum(s[i][j] for j in pairs) / max(1, len(pairs))
            for j in pairs:
                beyond = mean - s[i][j] if kind else s[i][j] - mean
                short = boundary - s[i][j] if kind else s[i][j] - (1 - boundary)
                weights[i, j] = math.exp(max(0, beyond))
                products[i, j] = weights[i, j] * max(0, short)
    return products, weights


def test_pairs_of_four_points():
    products, weights = weighted(FOUR, LABELS_4, 0.75)
    expected = np.ones((4, 4))
    for i, j in ((0, 2), (1, 2), (2, 1), (3, 1)):
        expected[i, j] = 1.541895805571
    np.testing.assert_allclose(weights, expected, rtol=1e-9)
    positive = {(0, 1), (1, 0), (2, 3), (3, 2)}
    expected = [
        [0.25 if (i, j) in positive else 0.949846986220 if {i, j} == {1, 2} else 0 for j in range(4)] for i in range(4)
    ]
    np.testing.assert_allclose(products, expected, rtol=1e-9, atol=1e-15)
    assert (products**2).sum() == pytest.approx(2.054418594463, rel=1e-9)


@pytest.mark.parametrize(
    ("boundary", "order", "of_all", "per_anchor"),
    [
        (0.75, 1, 0.724923493110, 0.724923493110),
        (0.75, 2, 0.358331078967, 0.616098080131),
        (0.75, 3, 0.302776399913, 0.602792558838),
        (0.75, 8, 0.258955361717, 0.599924860273),
        (1.0, 1, 1.167660468806, 1.167660468806),
        (1.0, 2, 0.534214611185, 0.962930923447),
        (1.0, 3, 0.434833398165, 0.929145655783),
        (1.0, 8, 0.364079609871, 0.917692714151),
    ],
)
def test_four_points(boundary, order, of_all, per_anchor):
    found = [density_loss(FOUR, LABELS_4, boundary, order, kind).item() for kind in ("global", "per_anchor")]
    assert found == pytest.approx([of_all, per_anchor], rel=1e-9)


def test_high_orders_approach_the_largest_pair():
    # Two equal pairs: the norm of order 500 is 2^(1/500) times their value.
    found = density_loss(FOUR, LABELS_4, order=500).item()
    assert found == pytest.approx(0.237461746555 * 2 ** (1 / 500), rel=1e-9)


def test_six_points():
    assert density_loss(SIX, LABELS_6).item() == pytest.approx(0.425250138026, rel=1e-9)
    products, weights = weighted(SIX, LABELS_6, 0.75)
    assert np.sqrt((products**2).mean()) == pytest.approx(0.425250138026, rel=1e-9)
    assert np.sqrt(((products / weights) ** 2).mean()) == pytest.approx(0.282977009702, rel=1e-9)
    assert density_loss(SIX, LABELS_6, weights="none").item() == pytest.approx(0.282977009702, rel=1e-9)
    assert density_loss(SIX, LABELS_6, reduction="per_anchor").item() == pytest.approx(0.926318347663, rel=1e-9)
    assert density_loss(SIX, LABELS_6, boundary=0.9).item() == pytest.approx(0.542298289638, rel=1e-9)


@pytest.mark.parametrize("reduction", ["global", "per_anchor"])
@given(**CASE, boundary=st.sampled_from([0.6, 0.75, 1.0]), order=st.sampled_from([1.0, 1.5, 2.0, 3.0]))
def test_loops_agree(reduction, n, k, seed, boundary, order):
    feature, expression = draw(n, k, seed)
    powers, _ = weighted(feature, expression, boundary)
    powers **= order
    sums = powers.sum() if reduction == "global" else powers.sum(1)
    expected = np.sum(sums ** (1 / order)) / n
    found = density_loss(feature, expression, boundary, order, reduction)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_the_same_similarity_everywhere():
    """Vectors with cosine 0.6 in and 0.4 between two classes of two."""
    gram = np.where(np.kron(np.eye(2), np.ones((2, 2))), 0.6, 0.4) + 0.4 * np.eye(4)
    feature = torch.from_numpy(np.linalg.cholesky(gram))
    expected = (4 * 0.15**2 + 8 * 0.15**2) ** 0.5 / 4
    assert expected == pytest.approx(0.129903810568, rel=1e-9)
    assert density_loss(feature, LABELS_4).item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("boundary", [0.6, 0.75, 1.0])
@pytest.mark.parametrize("reduction", ["global", "per_anchor"])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_collapsed_orthogonal_classes_cost_nothing(boundary, reduction, order):
    feature = torch.eye(3, dtype=torch.float64)[[0, 0, 1, 1, 2, 2]].requires_grad_()
    loss = density_loss(feature, torch.tensor([0, 0, 1, 1, 2, 2]), boundary, order, reduction)
    loss.backward()
    assert loss.item() == 0
    np.testing.assert_array_equal(feature.grad, 0)


def test_one_class_has_no_negatives_and_one_positive_has_weight_1():
    for labels in ([0, 0], [0, 0, 0, 0]):
        feature = FOUR[: len(labels)]
        products, weights = weighted(feature, labels, 1.0)
        found = density_loss(feature, torch.tensor(labels), 1.0)
        assert found.item() == pytest.approx(np.sqrt((products**2).mean()), rel=1e-9)
        assert (weights == 1).all() == (len(labels) == 2)


@given(**CASE)
def test_weights_are_bounded(n, k, seed):
    _, weights = weighted(*draw(n, k, seed, dim=2), 0.75)
    assert weights.min() >= 1
    assert weights.max() <= math.exp(2)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (
            "constant",
            [
                (0, -0.079354100),
                (-0.004030615, 0.011074023),
                (-0.265624870, 0.096679546),
                (0.308693245, 0),
                (0.119676071, 0.069095012),
                (0, -0.231780558),
            ],
        ),
        (
            "differentiable",
            [
                (0, -0.131593355),
                (0.008731362, -0.023989221),
                (-0.285087963, 0.103763533),
                (0.342732204, 0),
                (0.102777238, 0.059338466),
                (0, -0.315147013),
            ],
        ),
    ],
)
def test_gradient(weights, expected):
    feature = SIX.clone().requires_grad_()
    density_loss(feature, LABELS_6, weights=weights).backward()
    np.testing.assert_allclose(feature.grad, expected, atol=1e-9)  # printed with nine digits
    np.testing.assert_allclose((feature.grad * SIX).sum(1), 0, atol=1e-15)


@pytest.mark.parametrize("weights", ["differentiable", "none"])
@pytest.mark.parametrize("reduction", ["global", "per_anchor"])
def test_gradient_by_differences(reduction, weights):
    feature, expression = draw(6, 2, seed=0)
    assert torch.autograd.gradcheck(
        lambda x: density_loss(x, expression, order=3, reduction=reduction, weights=weights),
        feature.requires_grad_(),
    )


@given(**CASE)
def test_invariances(n, k, seed):
    feature, expression = draw(n, k, seed)
    expected = density_loss(feature, expression)
    order, names = torch.randperm(n), torch.randperm(k)
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64)).Q
    lengths = 0.1 + 5 * torch.rand(n, 1, dtype=torch.float64)
    for changed in (
        (feature @ turn, expression),
        (lengths * feature, expression),
        (feature[order], expression[order]),
        (feature, names[expression]),
    ):
        torch.testing.assert_close(density_loss(*changed), expected, rtol=1e-9, atol=1e-12)


def test_half_precision_and_features_of_zeros():
    feature = torch.zeros(4, 3, dtype=torch.float16, requires_grad=True)
    loss = DensityLoss()(feature, LABELS_4)
    loss.backward()
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(math.sqrt(4 * 0.75**2) / 4)
    assert feature.grad.isfinite().all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"boundary": 0.5}, r"expected a boundary of the density loss in \(0.5, 1\], found 0.5"),
        ({"order": 0.5}, "expected an order of the density loss of 1 or more, found 0.5"),
        ({"reduction": "globl"}, "no reduction of the density loss named 'globl'.*did you mean 'global'"),
    ],
)
def test_what_does_not_exist_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        DensityLoss(**options)
