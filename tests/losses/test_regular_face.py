import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.losses.regular_face import RegularFaceCenters, RegularFaceLoss

FORMS = pytest.mark.parametrize("form", [RegularFaceLoss(), RegularFaceCenters()], ids=["weights", "centers"])


def loops(vectors):
    """The value, and its gradient."""
    k = len(vectors)
    unit = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    value, gradient = 0.0, np.zeros_like(vectors)
    for j in range(k):
        nearest = max(set(range(k)) - {j}, key=lambda n: unit[n] @ unit[j])
        cosine = unit[nearest] @ unit[j]
        value += cosine / k
        gradient[j] += (unit[nearest] - cosine * unit[j]) / np.linalg.norm(vectors[j]) / k
        gradient[nearest] += (unit[j] - cosine * unit[nearest]) / np.linalg.norm(vectors[nearest]) / k
    return value, gradient


@given(d=st.integers(2, 4), k=st.integers(2, 5), seed=st.integers(0, 999))
def test_loops_agree(d, k, seed):
    drawn = np.random.default_rng(seed).normal(size=(k, d))
    value, gradient = loops(drawn)
    vectors = torch.from_numpy(drawn).requires_grad_()
    loss = RegularFaceLoss()(vectors)
    loss.backward()
    np.testing.assert_allclose(loss.item(), value, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(vectors.grad, gradient, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(RegularFaceCenters()(vectors.detach()), value, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(RegularFaceCenters().center_step(vectors.detach()), gradient, rtol=1e-9, atol=1e-12)


def test_gradient():
    vectors = torch.randn(5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1)).requires_grad_()
    assert torch.autograd.gradcheck(RegularFaceLoss(), vectors)


@FORMS
def test_the_simplex_is_the_best_of_its_number(form):
    simplex = torch.eye(4, dtype=torch.float64) - 0.25
    torch.testing.assert_close(form(simplex).item(), -1 / 3)
    for seed in range(20):
        others = torch.randn(4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
        assert form(others) > -1 / 3


@FORMS
def test_a_single_class_has_no_other(form):
    vector = torch.ones(1, 3, requires_grad=True)
    form(vector).backward()
    assert form(vector) == 0
    assert not vector.grad.any()
    assert not RegularFaceCenters().center_step(torch.ones(1, 3)).any()
