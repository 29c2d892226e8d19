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


def loops(feature, expression, alpha, margin, temperatures):
    unit = [x / math.sqrt(sum(x**2)) for x in feature]
    total = 0.0
    for i, a in enumerate(unit):
        for j, b in enumerate(unit):
            if i != j:
                d, same = math.sqrt(sum((a - b) ** 2)), expression[i] == expression[j]
                violation = max(0, d - (alpha - margin) if same else alpha - d)
                total += violation * math.exp(temperatures[0 if same else 1] * violation)
    return total / len(unit)


def test_value():
    assert RankedListLoss(1.2, 0.4)(FOUR, LABELS).item() == pytest.approx(0.541180954897, rel=1e-9)


def test_the_library_takes_means_and_half_of_either_kind():
    """Here no sample has more than one violation of a kind, so the means are the sums."""
    found = LibraryLoss(margin=0.4, Tn=0, Tp=0, alpha=1.2)(FOUR, LABELS)
    assert 2 * found.item() == pytest.approx(0.541180954897, rel=1e-4)  # 1e-5 in its denominators
    twice = FOUR.repeat(2, 1), LABELS.repeat(2)
    mean = LibraryLoss(margin=0.4, Tn=0, Tp=0, alpha=1.2)(*twice).item()
    assert RankedListLoss(1.2, 0.4)(*twice).item() > 1.9 * 2 * mean


@given(n=st.integers(1, 6), k=st.integers(1, 3), seed=st.integers(0, 999), scale=st.sampled_from([0.0, 1.0, 5.0]))
def test_loops_agree(n, k, seed, scale):
    rng = np.random.default_rng(seed)
    feature, expression = rng.normal(size=(n, 3)), rng.integers(k, size=n)
    found = RankedListLoss(1.3, 0.5, scale / 2, scale)(torch.from_numpy(feature), torch.from_numpy(expression))
    np.testing.assert_allclose(found, loops(feature, expression, 1.3, 0.5, (scale / 2, scale)), rtol=1e-9, atol=1e-12)


def test_gradient_stays_finite_where_samples_coincide():
    feature = torch.ones(4, 3, requires_grad=True)
    RankedListLoss()(feature, LABELS).backward()
    assert feature.grad.isfinite().all()


def test_gradient():
    feature = torch.randn(5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    expression = torch.tensor([0, 0, 1, 1, 1])
    assert torch.autograd.gradcheck(lambda x: RankedListLoss()(x, expression), feature)


def test_a_margin_beyond_alpha_is_refused():
    with pytest.raises(ConfigError, match="a margin of the ranked list loss of at most alpha=1, found 2"):
        RankedListLoss(1, 2)
