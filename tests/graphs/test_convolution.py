"""Sums along the graph: parts and the whole, memory, and plain loops."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fercli.graphs.convolution import noise_for, normalized_sums, pixels, similarity
from fercli.graphs.sampling import Bernoulli, Epsilon, Full, TopK
from fercli.ops.pairs import directions

SCHEMES = {"full": Full(), "topk": TopK(2), "epsilon": Epsilon(0.6), "bernoulli": Bernoulli()}
every_scheme = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)


def draw(num_samples=2, num_x=5, num_y=4, dim=3, seed=0):
    random = torch.Generator().manual_seed(seed)
    return [
        torch.rand(num_samples, number, dim, generator=random, dtype=torch.float64).requires_grad_()
        for number in (num_x, num_y)
    ]


def sums(scheme, x, y, max_entries, seed=None, both=True):
    noise = noise_for(seed, x, y, shared=False)
    return normalized_sums(scheme, x, y, (y, 2 * x), (x, 3 * y) if both else None, noise, max_entries)


def loops(weights, values, own):
    """Equation 3.3 before the weights, one receiving pixel at a time: (P, Q), (Q, D), (P, D)."""
    rows = []
    for i in range(len(own)):
        heard, degree = own[i].copy(), 1.0
        for j in range(len(values)):
            heard += weights[i, j] * values[j]
            degree += weights[i, j]
        rows.append(heard / degree)
    return rows


def test_pixels_are_rows_in_reading_order():
    found = pixels(torch.arange(12.0).reshape(1, 2, 2, 3).half())
    assert found.dtype == torch.float32
    assert found[0].tolist() == [[i, i + 6] for i in range(6)]


@settings(max_examples=40)
@given(
    name=st.sampled_from(sorted(SCHEMES)), num_x=st.integers(1, 5), num_y=st.integers(1, 5), seed=st.integers(0, 999)
)
def test_loops_agree(name, num_x, num_y, seed):
    scheme, (x, y) = SCHEMES[name], (field.detach() for field in draw(2, num_x, num_y, seed=seed))
    forth, back = sums(scheme, x, y, 2**22, seed=9)
    noise = noise_for(9, x, y, shared=False)(0, num_x)
    for b in range(2):
        a, c = x[b].numpy(), y[b].numpy()
        graph = np.array([[u @ v / np.sqrt((u @ u) * (v @ v)) for v in c] for u in a])
        if name == "topk":
            weights = [np.where(g >= np.sort(g, 1)[:, -min(2, g.shape[1])][:, None], g, 0) for g in (graph, graph.T)]
        else:
            keep = {"full": graph > 0, "epsilon": graph >= 0.6, "bernoulli": noise[b].numpy() < graph}[name]
            weights = [graph * keep, (graph * keep).T]
        np.testing.assert_allclose(forth[b], loops(weights[0], c, 2 * a), rtol=1e-9)
        np.testing.assert_allclose(back[b], loops(weights[1], a, 3 * c), rtol=1e-9)


@every_scheme
@pytest.mark.parametrize("max_entries", [1, 16, 24, 39])  # 1, 2, 3 and 4 rows of 5 at once, or of 4 the other way
def test_parts_give_what_the_whole_gives(scheme, max_entries):
    x, y = draw()
    whole = sums(scheme, x, y, 2**22, seed=3)
    parts = sums(scheme, x, y, max_entries, seed=3)
    for a, b in zip(whole, parts, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-14)
    weight = torch.rand(2, 3, dtype=torch.float64)
    gradients = [
        torch.autograd.grad((weight[0] * forth).sum() + (weight[1] * back).sin().sum(), (x, y))
        for forth, back in (whole, parts)
    ]
    for a, b in zip(*gradients, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-11, atol=1e-13)


@every_scheme
def test_gradient(scheme):
    x, y = draw(num_x=4, num_y=3, dim=2)
    assert torch.autograd.gradcheck(lambda x, y: sums(scheme, x, y, 8, seed=3), (x, y))


@every_scheme
def test_the_graph_is_not_stored_in_parts(scheme):
    x, y = (field.float().detach().requires_grad_() for field in draw(2, 64, 64, 4))
    stored = []
    with torch.autograd.graph.saved_tensors_hooks(lambda value: stored.append(value.numel()) or value, lambda v: v):
        sums(scheme, x, y, 2**22, seed=1)
        assert max(stored) == 2 * 64 * 64  # at once
        stored.clear()
        sums(scheme, x, y, 512, seed=1)
    assert max(stored) <= 2 * 64 * 4  # the size of a map


def test_one_way_is_half_of_both():
    x, y = draw()
    forth, none = sums(Full(), x, y, 2**22, both=False)
    assert none is None
    torch.testing.assert_close(forth, sums(Full(), x, y, 2**22)[0])


def test_autocast_changes_nothing():
    x, y = (field.float() for field in draw())
    expected = sums(Epsilon(0.6), x, y, 2**22)
    with torch.autocast("cpu", torch.bfloat16):
        found = sums(Epsilon(0.6), x, y, 2**22)
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == torch.float32
        torch.testing.assert_close(a, b)


def test_similarity_of_opposite_and_empty_pixels_is_0():
    x = torch.tensor([[[1.0, 0], [-1, 0], [0, 0]]])
    assert similarity(directions(x), directions(x)).tolist() == [[[1, 0, 0], [0, 1, 0], [0, 0, 0]]]
