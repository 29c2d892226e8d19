import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pytorch_metric_learning.distances import LpDistance
from pytorch_metric_learning.losses import LiftedStructureLoss as LibraryLoss

from fercli.losses.lifted_structure import LiftedStructureLoss

ANGLES = np.deg2rad([0, 60, 90, 150])
FOUR, LABELS = torch.from_numpy(np.stack([np.cos(ANGLES), np.sin(ANGLES)], 1)), torch.tensor([0, 0, 1, 1])


def hinges(x, y, margin):
    """Of every positive pair, before it is cut off at 0."""
    found = []
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            if y[i] == y[j]:
                distance = [[math.sqrt(sum((a - b) ** 2)) for b in x] for a in (x[i], x[j])]
                total = sum(math.exp(margin - row[k]) for row in distance for k in range(len(x)) if y[k] != y[i])
                found.append(distance[0][j] + math.log(total) if total else -math.inf)
    return found


def loops(x, y, margin):
    found = [max(0, hinge) for hinge in hinges(x, y, margin)]
    return sum(found) / (2 * len(found)) if found else 0


def test_value():
    assert LiftedStructureLoss()(FOUR, LABELS).item() == pytest.approx(1.102302204640, rel=1e-9)


@given(n=st.integers(1, 8), k=st.integers(1, 3), seed=st.integers(0, 999), margin=st.sampled_from([-3.0, 0.5, 1.0]))
def test_loops_agree(n, k, seed, margin):
    rng = np.random.default_rng(seed)
    x, y = 2 * rng.normal(size=(n, 3)), rng.integers(k, size=n)
    found = LiftedStructureLoss(margin)(torch.from_numpy(x), torch.from_numpy(y))
    np.testing.assert_allclose(found, loops(x, y, margin), rtol=1e-9, atol=1e-12)


def test_the_loss_of_the_library_squares_the_hinge():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(14, 4)), np.repeat([0, 1, 2], [5, 5, 4])
    library = LibraryLoss(neg_margin=1, pos_margin=0, distance=LpDistance(normalize_embeddings=False))
    squared = np.mean([max(0, hinge) ** 2 for hinge in hinges(x, y, 1)]) / 2
    assert library(torch.from_numpy(x), torch.from_numpy(y)).item() == pytest.approx(squared, rel=1e-9)
    printed = LiftedStructureLoss()(torch.from_numpy(x), torch.from_numpy(y)).item()
    assert printed == pytest.approx(loops(x, y, 1), rel=1e-9)
    assert printed != pytest.approx(squared, rel=0.1)


def test_gradient():
    x = torch.randn(7, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: LiftedStructureLoss()(x, torch.tensor([0, 0, 1, 1, 1, 2, 2])), x)


@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 1, 2], [0]])
def test_without_a_positive_or_a_negative_pair_it_is_zero_with_a_gradient(labels):
    x = torch.randn(len(labels), 3, requires_grad=True)
    loss = LiftedStructureLoss()(x, torch.tensor(labels))
    loss.backward()
    assert loss.item() == 0
    assert not x.grad.any()


def test_gradient_stays_finite_where_samples_coincide():
    x = torch.ones(4, 3, requires_grad=True)
    LiftedStructureLoss()(x, LABELS).backward()
    assert x.grad.isfinite().all()
