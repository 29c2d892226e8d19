import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.errors import ConfigError
from fercli.losses.separate import SeparateLoss


def loops(x, y, c):
    """Both parts and the step, from the derivative of a cosine."""

    def cosine(a, b):
        return a @ b / np.linalg.norm(a) / np.linalg.norm(b)

    def slope(a, b):
        """Of the cosine, in b."""
        return a / np.linalg.norm(a) / np.linalg.norm(b) - cosine(a, b) * b / (b @ b)

    k, step = len(c), np.zeros_like(c)
    intra = sum(1 - cosine(x[i], c[y[i]]) for i in range(len(x)))
    for i in range(len(x)):
        step[y[i]] -= slope(x[i], c[y[i]]) / (1 + (y == y[i]).sum())
    inter = 0.0
    for j in range(k):
        for n in set(range(k)) - {j}:
            inter += cosine(c[j], c[n]) + 1
            step[j] += slope(c[n], c[j]) / (k - 1)
    return intra, inter, step


@given(m=st.integers(1, 6), d=st.integers(1, 4), k=st.integers(1, 4), seed=st.integers(0, 999))
def test_loops_and_gradients_agree(m, d, k, seed):
    rng = np.random.default_rng(seed)
    x, y, c = rng.normal(size=(m, d)), rng.integers(k, size=m), rng.normal(size=(k, d))
    intra, inter, step = loops(x, y, c)
    x, y, c = map(torch.from_numpy, (x, y, c))
    close = {"rtol": 1e-9, "atol": 1e-10}
    np.testing.assert_allclose(SeparateLoss()(x, y, c), intra / m + inter, **close)
    np.testing.assert_allclose(SeparateLoss("sum")(x, y, c), intra + inter, **close)
    np.testing.assert_allclose(SeparateLoss().center_step(x, y, c), step, **close)
    if d > 1:  # on a line the cosine is a step
        fields = (x.requires_grad_(), c.requires_grad_())
        assert torch.autograd.gradcheck(lambda x, c: SeparateLoss()(x, y, c), fields, atol=1e-4)


def test_lengths_do_not_matter(four):
    loss = SeparateLoss()
    scaled = loss(7 * four.x, four.y, torch.tensor([[1], [20], [0.3]]) * four.centers)
    torch.testing.assert_close(scaled, loss(four.x, four.y, four.centers), rtol=1e-12, atol=0)


def test_the_step_pulls_a_center_to_its_samples_and_from_the_other():
    centers = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    moved = centers - 0.5 * SeparateLoss().center_step(torch.tensor([[1.0, -1.0]]), torch.tensor([0]), centers)
    assert moved[0, 1] < 0
    assert moved[1, 0] < 0


def test_an_unknown_reduction_is_refused():
    with pytest.raises(ConfigError, match="no reduction of the separate loss named 'maen'"):
        SeparateLoss("maen")
