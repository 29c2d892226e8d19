import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.losses.regular_face import RegularFaceLoss


@given(d=st.integers(2, 4), k=st.integers(2, 5), seed=st.integers(0, 999))
def test_loops_agree(d, k, seed):
    c = np.random.default_rng(seed).normal(size=(k, d))
    unit = c / np.linalg.norm(c, axis=1)[:, None]
    value, step = 0.0, np.zeros_like(c)
    for j in range(k):
        nearest = max(set(range(k)) - {j}, key=lambda n: unit[n] @ unit[j])
        cosine = unit[nearest] @ unit[j]
        value += cosine / k
        step[j] += (unit[nearest] - cosine * unit[j]) / np.linalg.norm(c[j]) / k
        step[nearest] += (unit[j] - cosine * unit[nearest]) / np.linalg.norm(c[nearest]) / k
    np.testing.assert_allclose(RegularFaceLoss()(torch.from_numpy(c)), value, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(RegularFaceLoss().center_step(torch.from_numpy(c)), step, rtol=1e-9, atol=1e-12)


def test_the_simplex_is_the_best_of_its_number():
    simplex = torch.eye(4, dtype=torch.float64) - 0.25
    torch.testing.assert_close(RegularFaceLoss()(simplex).item(), -1 / 3)
    for seed in range(20):
        others = torch.randn(4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
        assert RegularFaceLoss()(others) > -1 / 3


def test_a_single_class_has_no_other():
    assert RegularFaceLoss()(torch.ones(1, 3)) == 0
    assert not RegularFaceLoss().center_step(torch.ones(1, 3)).any()
