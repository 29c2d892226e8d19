import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.losses.mask import MaskCrossEntropy


def test_value():
    p = torch.tensor([[[0.9, 0.2], [0.6, 0.5]]], dtype=torch.float64)
    mask = torch.tensor([[[1, 0], [1, 0]]], dtype=torch.float64)
    assert MaskCrossEntropy()(p.logit(), mask).item() == pytest.approx(0.3831192178, abs=1e-9)


def test_a_larger_mask_is_brought_to_the_size_of_the_scores():
    # Quarters of 0, 1/4, 1/2 and 3/4 of their area; half is enough.
    mask = torch.tensor([[[0, 0, 1, 0], [0, 0, 0, 0], [1, 0, 1, 1], [0, 1, 1, 0]]], dtype=torch.float64)
    logits = torch.tensor([[[-20.0, -20.0], [20.0, 20.0]]], dtype=torch.float64)
    assert MaskCrossEntropy()(logits, mask).item() < 1e-8


@given(m=st.integers(1, 3), side=st.integers(1, 4), factor=st.integers(1, 3), seed=st.integers(0, 999))
def test_loops_agree(m, side, factor, seed):
    rng = np.random.default_rng(seed)
    z, mask = rng.normal(size=(m, side, side)), rng.uniform(size=(m, side * factor, side * factor))
    expected = 0.0
    for i in range(m):
        for row in range(side):
            for column in range(side):
                window = mask[i, row * factor : (row + 1) * factor, column * factor : (column + 1) * factor]
                target, p = float(window.mean() >= 0.5), 1 / (1 + math.exp(-z[i, row, column]))
                expected -= (target * math.log(p) + (1 - target) * math.log(1 - p)) / (m * side**2)
    found = MaskCrossEntropy()(torch.from_numpy(z), torch.from_numpy(mask))
    assert found.item() == pytest.approx(expected, rel=1e-9)


def test_sizes_that_do_not_divide():
    logits = torch.full((1, 5, 5), 30.0, dtype=torch.float64)
    assert MaskCrossEntropy()(logits, torch.ones(1, 7, 12)).item() == pytest.approx(0, abs=1e-9)
    assert MaskCrossEntropy()(logits, torch.zeros(1, 7, 12)).item() == pytest.approx(30, abs=1e-9)
