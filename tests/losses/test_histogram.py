"""Histogram losses; the numbers were worked out in NumPy, and gradients agree with central differences."""

import math
from itertools import combinations, pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fercli.losses.histogram import HistogramLevelsLoss, HistogramLoss, negative_weights, positive_weights
from fercli.losses.score_distribution import ScoreKL
from fercli.ops.histogram import histogram
from fercli.scales import named

# Unit vectors at 0, 60, 90 and 180 degrees; the pairs are (01) (02) (03) (12) (13) (23).
ANGLES = torch.tensor([0, math.pi / 3, math.pi / 2, math.pi], dtype=torch.float64)
CIRCLE = torch.stack([ANGLES.cos(), ANGLES.sin()], 1)
SCORES = torch.tensor([0.0, 0, 10, 40], dtype=torch.float64)
FEATURES = torch.tensor([[1.3, 0.2], [0.4, 0.9], [-0.2, 0.7], [-1.1, 0.3]], dtype=torch.float64)
KERNELS = [
    (pos, neg)
    for pos in ("indicator", "threshold", "gaussian", "linear")
    for neg in ("indicator", "complement", "linear")
]
CASE = {"m": st.integers(2, 7), "num_nodes": st.sampled_from([2, 5, 21]), "seed": st.integers(0, 999)}


def loss_of(pos="gaussian", neg="linear", num_nodes=5, **options):
    return HistogramLoss(pos, neg, num_nodes=num_nodes, **{"exclude_same_session": False} | options)


LABEL_AWARE = loss_of()
FORMS = {f"{pos}_{neg}": loss_of(pos, neg) for pos, neg in KERNELS} | {
    "levels": HistogramLevelsLoss(num_nodes=5, exclude_same_session=False),
    "levels_margin": HistogramLevelsLoss(num_nodes=5, exclude_same_session=False, margin=0.1),
    "margin": loss_of(margin=0.5),
}
every_form = pytest.mark.parametrize("loss", FORMS.values(), ids=FORMS)


def cost(loss, similarity, gap):
    """The loss of given similarities and gaps, past the embedding."""
    weights = loss.weights(gap)
    return loss.cost(histogram(similarity, weights, loss.num_nodes), weights.sum(1) > 0)[0]


def draw(m, seed):
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.normal(size=(m, 3))), torch.from_numpy(rng.integers(0, 64, size=m).astype(float))


def loops(x, y, num_nodes, weights_of):
    """Histograms by the triangular kernel, one pair at a time; `weights_of` a gap gives one number for each."""
    spacing = 2 / (num_nodes - 1)
    pairs = list(combinations(range(len(x)), 2))
    similarity = [x[i] @ x[j] / np.linalg.norm(x[i]) / np.linalg.norm(x[j]) for i, j in pairs]
    weights = [weights_of(abs(y[i] - y[j])) for i, j in pairs]
    shares = []
    for each in zip(*weights, strict=True):
        total = sum(each)
        nodes = [
            sum(w * max(0, 1 - abs(s - (-1 + r * spacing)) / spacing) for s, w in zip(similarity, each, strict=True))
            for r in range(num_nodes)
        ]
        shares.append(np.array(nodes) / total if total > 1e-8 else None)
    return shares


def wrong_order(positive, negative, margin=None):
    if margin is None:
        return sum(negative[r] * positive[: r + 1].sum() for r in range(len(positive)))
    node = np.linspace(-1, 1, len(positive))
    missed = np.maximum(0, margin + node[:, None] - node)
    return sum(negative[r] * positive[q] * missed[r, q] for r, q in np.ndindex(missed.shape))


def test_weights_of_the_label_aware_form():
    gap = torch.tensor([0, 1, 2, 4, 8], dtype=torch.float64)
    np.testing.assert_allclose(positive_weights(gap, "gaussian"), [1, 0.9394, 0.7788, 0.3679, 0.0183], atol=5e-5)
    assert positive_weights(gap, "threshold", eps=2).tolist() == [1, 1, 1, 0, 0]
    assert positive_weights(gap, "indicator").tolist() == [1, 0, 0, 0, 0]
    np.testing.assert_allclose(positive_weights(gap, "linear"), 1 - gap / 63)
    np.testing.assert_allclose(negative_weights(gap, "linear", gap), gap / 63)


def test_histograms_of_four_samples():
    gap = torch.tensor([0, 10, 40, 10, 40, 30], dtype=torch.float64)
    similarity = torch.tensor([0.5, 0, -1, math.cos(math.pi / 6), -0.5, 0], dtype=torch.float64)
    weights = LABEL_AWARE.weights(gap)
    expected = [1, 0.0019304541, 3.7e-44, 0.0019304541, 3.7e-44, 3.7e-25]
    np.testing.assert_allclose(weights[0], expected, rtol=2e-2, atol=5e-11)  # the smallest are printed with two digits
    expected = [0, 0.1587301587, 0.6349206349, 0.1587301587, 0.6349206349, 0.4761904762]
    np.testing.assert_allclose(weights[1], expected, atol=5e-11)
    np.testing.assert_allclose(weights.sum(1), [1.0038609083, 2.0634920635], atol=5e-11)
    positive, negative = histogram(similarity, weights, 5)
    np.testing.assert_allclose(positive, [0, 0, 0.0019230295, 0.9966692152, 0.0014077553], atol=5e-11)
    expected = [0.3076923077, 0.3076923077, 0.3076923077, 0.0206114763, 0.0563116006]
    np.testing.assert_allclose(negative, expected, atol=5e-11)


@pytest.mark.parametrize(
    ("loss", "value"),
    [
        (loss_of(), 0.0774857624),
        (loss_of("gaussian", "complement"), 0.2004618757),
        (loss_of("linear", "linear"), 0.3230781395),
        (loss_of("indicator", "indicator"), 0.2),
        (HistogramLevelsLoss(num_nodes=5, exclude_same_session=False), 0.1666666667),
        (HistogramLevelsLoss((1, 14, 29), 5, exclude_same_session=False), 0.1388888889),
        (HistogramLevelsLoss((1,), 5, exclude_same_session=False), 0.2),
        (loss_of("gaussian", "complement", sigma=4), 0.2252722528),
        (loss_of("gaussian", "complement", sigma=1), 0.2000000000),
        (loss_of("gaussian", "complement", sigma=0.3), 0.2000000000),
    ],
)
def test_value_of_four_samples(loss, value):
    assert loss(CIRCLE, SCORES).item() == pytest.approx(value, abs=5e-11)


def test_label_distribution_and_metric_together():
    score = torch.full((1,), 10, dtype=torch.float64)
    together = ScoreKL()(torch.zeros(1, 64, dtype=torch.float64), score) + LABEL_AWARE(CIRCLE, SCORES)
    assert together.item() == pytest.approx(2.1242840326, abs=1e-10)


def test_gradients():
    similarity = torch.nn.functional.normalize(FEATURES) @ torch.nn.functional.normalize(FEATURES).T
    similarity = similarity[tuple(torch.triu_indices(4, 4, 1))].requires_grad_()
    gap = torch.tensor([0, 10, 40, 10, 40, 30], dtype=torch.float64)
    cost(LABEL_AWARE, similarity, gap).backward()
    expected = [-0.5145729899, -0.0004154018, 0.0002966080, 0.0115376305, 0.0008867948, 0.0375929701]
    np.testing.assert_allclose(similarity.grad, expected, atol=5e-11)

    x = FEATURES.clone().requires_grad_()
    loss = LABEL_AWARE(x, SCORES)
    loss.backward()
    assert loss.item() == pytest.approx(0.2872582821, abs=5e-11)
    expected = [
        [0.0500888114, -0.3255772743],
        [-0.4094121712, 0.1819609649],
        [-0.0332375958, -0.0094964560],
        [0.0076506299, 0.0280523096],
    ]
    np.testing.assert_allclose(x.grad, expected, atol=5e-11)
    np.testing.assert_allclose((x.grad * FEATURES).sum(1), 0, atol=1e-15)


@pytest.mark.parametrize(
    ("positive", "negative", "num_nodes", "value"),
    [
        ([0.9, 0.1], [-0.3, 0.4], 5, 0.36),
        ([0.9, 0.1], [-0.3, 0.4], 101, 0.25),
        ([0.8, 0.9], [-0.9, -0.2], 5, 0),
        ([-0.9, -0.8], [0.2, 0.9], 5, 1),
        ([-0.3, 0.1, 0.4], [-0.3, 0.1, 0.4], 5, 0.6844444444),
    ],
)
def test_indicators_are_the_plain_loss(positive, negative, num_nodes, value):
    gap = torch.tensor([0.0] * len(positive) + [7.0] * len(negative), dtype=torch.float64)
    similarity = torch.tensor(positive + negative, dtype=torch.float64)
    for loss in (
        loss_of("indicator", "indicator", num_nodes),
        loss_of("threshold", "complement", num_nodes),
        HistogramLevelsLoss((1,), num_nodes),
    ):
        assert cost(loss, similarity, gap).item() == pytest.approx(value, abs=5e-11)


@every_form
def test_collapse_is_the_worst_case(loss):
    found = loss(torch.ones(4, 2, dtype=torch.float64), SCORES).item()
    assert found == pytest.approx({FORMS["margin"]: 0.5, FORMS["levels_margin"]: 0.3}.get(loss, 1), rel=1e-12)


@pytest.mark.parametrize(("pos", "neg"), KERNELS)
@given(**CASE)
@settings(max_examples=15)
def test_loops_agree(pos, neg, m, num_nodes, seed):
    x, y = draw(m, seed)
    positive = {
        "indicator": lambda d: float(d == 0),
        "threshold": lambda d: float(d <= 2),
        "linear": lambda d: 1 - d / 63,
    }
    positive["gaussian"] = lambda d: math.exp(-(d**2) / 16)
    negative = {
        "indicator": lambda d: float(d > 0),
        "complement": lambda d: 1 - positive[pos](d),
        "linear": lambda d: d / 63,
    }
    above, below = loops(x.numpy(), y.numpy(), num_nodes, lambda d: (positive[pos](d), negative[neg](d)))
    expected = 0 if above is None or below is None else wrong_order(above, below)
    found = loss_of(pos, neg, num_nodes)
    assert found(x, y).item() == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert found.num_degenerate == (above is None or below is None)


@given(margin=st.sampled_from([None, 0.2]), **CASE)
@settings(max_examples=30)
def test_loops_over_levels_agree(margin, m, num_nodes, seed):
    x, y = draw(m, seed)
    edges = (0, 1, 6, 14, 29, math.inf)
    shares = loops(x.numpy(), y.numpy(), num_nodes, lambda d: [float(a <= d < b) for a, b in pairwise(edges)])
    filled = [level for level in range(5) if shares[level] is not None]
    pairs = [
        (b - a, wrong_order(shares[a], shares[b], None if margin is None else margin * (b - a)))
        for a, b in combinations(filled, 2)
    ]
    expected = sum(w * value for w, value in pairs) / sum(w for w, _ in pairs) if pairs else 0
    found = HistogramLevelsLoss(num_nodes=num_nodes, exclude_same_session=False, margin=margin)
    assert found(x, y).item() == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert found.num_degenerate == (not pairs)


@every_form
@given(m=st.integers(2, 7), seed=st.integers(0, 999))
@settings(max_examples=15)
def test_invariances(loss, m, seed):
    x, y = draw(m, seed)
    random = torch.Generator().manual_seed(seed)
    turn = torch.linalg.qr(torch.randn(3, 3, generator=random, dtype=torch.float64)).Q
    lengths = torch.rand(m, 1, generator=random, dtype=torch.float64) + 0.1
    order = torch.randperm(m, generator=random)
    for changed in ((x @ turn, y), (x * lengths, y), (x[order], y[order]), (x, y + 100), (x, 63 - y)):
        torch.testing.assert_close(loss(*changed), loss(x, y), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("seed", range(5))
@every_form
def test_gradient_of_the_features(loss, seed):
    x, y = draw(6, seed)
    assert torch.autograd.gradcheck(lambda x: loss(x, y), x.requires_grad_())


@given(**CASE)
def test_moving_pairs_closer(m, num_nodes, seed):
    """Never costs for a pair of one score, never gains for a pair of scores far apart."""
    rng = np.random.default_rng(seed)
    similarity = torch.from_numpy(rng.uniform(-1, 1, 3 * m)).requires_grad_()
    gap = torch.tensor([0.0, 4.0, 50.0], dtype=torch.float64).repeat(m)
    cost(loss_of(num_nodes=num_nodes), similarity, gap).backward()
    assert (similarity.grad[gap == 0] <= 1e-15).all()
    assert (similarity.grad[gap == 50] >= -1e-15).all()


@pytest.mark.parametrize("num_nodes", [101, 201])
def test_single_precision(num_nodes):
    random = torch.Generator().manual_seed(0)
    x = torch.randn(32, 512, generator=random, dtype=torch.float64)
    y = torch.randint(64, (8,), generator=random).double().repeat_interleave(4)
    for loss in (loss_of(num_nodes=num_nodes), HistogramLevelsLoss(num_nodes=num_nodes, exclude_same_session=False)):
        assert loss(x.float(), y.float()).item() == pytest.approx(loss(x, y).item(), abs=1e-5)


@every_form
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_mixed_precision_is_widened(loss, dtype):
    x = (300 * FEATURES).to(dtype).requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        found = loss(x, SCORES.float())
    found.backward()
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, loss(x.detach().float(), SCORES.float()), rtol=1e-6, atol=1e-7)
    assert x.grad.isfinite().all()


def test_the_linear_kernels_take_the_range_of_the_scale():
    loss = HistogramLoss("linear", "linear")
    loss.fit(SimpleNamespace(scale=named("phq9")))
    gap = torch.tensor([0.0, 9, 27])
    np.testing.assert_allclose(loss.weights(gap), [[1, 2 / 3, 0], [0, 1 / 3, 1]], rtol=1e-6)
