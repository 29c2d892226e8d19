import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fercli.errors import ConfigError
from fercli.graphs.noise import uniform
from fercli.graphs.sampling import Bernoulli, Epsilon, Full, TopK

G = torch.tensor([[[0.9, 0.2, 0.5], [0.49, 0.51, 0.1], [0, -0.3, 0.7]]], dtype=torch.float64)
CERTAIN = torch.tensor([[[1.0, 0.0], [0.5, -0.5]]], dtype=torch.float64)


def mask(scheme, graph=G, noise=None):
    """Which entries of one graph without zeros are kept; the kept ones are as they were."""
    graph = torch.where(graph == 0, 1e-300, graph)  # so that a kept zero shows
    weights = scheme(graph, noise)
    kept = weights != 0
    assert torch.equal(weights[kept], graph[kept])
    return kept[0].int().tolist()


def noise(seed=0, num_samples=1, num_rows=3, num_columns=3):
    return uniform(seed, *(torch.arange(number) for number in (num_samples, num_rows, num_columns)))


def test_full_keeps_all():
    assert torch.equal(Full()(G), G)


@pytest.mark.parametrize(
    ("k", "graph", "expected"),
    [
        (1, G, [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        (2, G, [[1, 0, 1], [1, 1, 0], [1, 0, 1]]),
        (2, G.mT, [[1, 1, 0], [1, 1, 0], [1, 0, 1]]),
        (9, G, [[1, 1, 1]] * 3),
    ],
)
def test_top_k(k, graph, expected):
    assert mask(TopK(k), graph) == expected


@settings(max_examples=30)
@given(k=st.integers(1, 6), columns=st.integers(1, 6), seed=st.integers(0, 999))
def test_top_k_keeps_exactly_k_of_each_row_also_among_equal_ones(k, columns, seed):
    graph = torch.from_numpy(np.random.default_rng(seed).integers(1, 4, (2, 5, columns)) / 4)
    assert ((TopK(k)(graph) > 0).sum(2) == min(k, columns)).all()


def test_epsilon():
    weights = Epsilon(0.5)(G)
    assert mask(Epsilon(0.5)) == [[1, 0, 1], [0, 1, 0], [0, 0, 1]]
    np.testing.assert_allclose((weights[0] + torch.eye(3)).sum(1), (2.4, 1.51, 1.7), rtol=1e-12)


def test_bernoulli_keeps_as_often_as_the_similarity_says():
    count = 20_000
    graph = G.clamp(min=0)
    kept = Bernoulli()(graph.expand(count, 3, 3), noise(seed=3, num_samples=count)) > 0
    mean = kept.double().mean(0)
    assert ((mean - graph[0]).abs() <= 4 * (graph[0] * (1 - graph[0]) / count).sqrt()).all()
    assert mean.sum().item() == pytest.approx(3.4, abs=4 * np.sqrt((graph * (1 - graph)).sum().item() / count))


def test_bernoulli_is_certain_of_1_and_of_0():
    kept = Bernoulli()(CERTAIN.expand(5000, 2, 2), noise(num_samples=5000, num_rows=2, num_columns=2)) != 0
    assert kept[:, 0, 0].all()
    assert not kept[:, 0, 1].any()
    assert not kept[:, 1, 1].any()


def test_the_seed_makes_the_mask():
    masks = [mask(Bernoulli(), 0 * G + 0.5, noise(seed)) for seed in (1, 1, 2)]
    assert masks[0] == masks[1] != masks[2]


def test_seeds_of_training_come_from_torch():
    torch.manual_seed(5)
    first = Bernoulli().seeds(training=True)
    second = Bernoulli().seeds(training=True)
    torch.manual_seed(5)
    assert Bernoulli().seeds(training=True) == first != second


@pytest.mark.parametrize(
    ("scheme", "seeds"),
    [
        (Full(), [None]),
        (TopK(), [None]),
        (Epsilon(), [None]),
        (Bernoulli("expected"), [None]),
        (Bernoulli("full"), [None]),
        (Bernoulli("sample", num_draws=3), [0, 1, 2]),
    ],
)
def test_passes_of_evaluation(scheme, seeds):
    assert list(scheme.seeds(training=False)) == seeds


def test_bernoulli_without_a_draw():
    assert torch.equal(Bernoulli("full")(G), G)
    torch.testing.assert_close(Bernoulli("expected")(G), G * G.clamp(0, 1), rtol=1e-15, atol=0)


@pytest.mark.parametrize("scheme", [Full(), TopK(2), Epsilon(0.5), Bernoulli()], ids=lambda s: type(s).__name__)
def test_the_mask_is_constant_in_the_backward_pass(scheme):
    graph = G.clone().requires_grad_()
    weights = scheme(graph, noise(seed=7))
    weights.sum().backward()
    np.testing.assert_array_equal(graph.grad, [mask(scheme, G, noise(seed=7))])


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: TopK(0), "expected graph_sampling.k of 1 or more, found 0"),
        (lambda: Epsilon(1.5), r"expected graph_sampling.epsilon in \[0, 1\], found 1.5"),
        (lambda: Bernoulli("mean"), "no graph_sampling.eval_mode named 'mean'; choices: expected, full, sample"),
        (lambda: Bernoulli(num_draws=0), "expected graph_sampling.num_draws of 1 or more, found 0"),
    ],
)
def test_what_does_not_exist_is_refused(build, message):
    with pytest.raises(ConfigError, match=message):
        build()
