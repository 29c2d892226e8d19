import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.batch import FitsLabels
from fercli.errors import ConfigError, DataError
from fercli.losses.distributed_bins import DistributedLoss, distributed_loss

LOGITS = torch.tensor([[0, 1, 2, -1]], dtype=torch.float64)


def loss(logits, *score, **options):
    return distributed_loss(logits, torch.tensor(score, dtype=torch.float64), **options).item()


@pytest.mark.parametrize(("num_bins", "value"), [(46, 7.657282792978), (47, 7.700295203420)])
def test_uniform(num_bins, value):
    assert loss(torch.zeros(2, num_bins, dtype=torch.float64), 3, 40) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(("share", "value"), [(0.5, 1.386294361120), (0.9, 2.407945608652), (0.1, 2.407945608652)])
def test_all_mass_on_the_two_bins(share, value):
    logits = torch.tensor([[-1000, math.log(share), math.log(1 - share), -1000]], dtype=torch.float64)
    assert loss(logits, 1) == pytest.approx(value, rel=1e-9)


def test_value_and_gradient():
    logits = LOGITS.clone().requires_grad_()
    found = distributed_loss(logits, torch.tensor([1.0]))
    found.backward()
    assert found.item() == pytest.approx(1.880379397122, rel=1e-9)
    expected = [0.174288637484, -0.526234363820, 0.287828519776, 0.064117206560]
    np.testing.assert_allclose(logits.grad, [expected], rtol=1e-9)
    probability = LOGITS.softmax(1)[0].numpy()
    np.testing.assert_allclose(probability, [0.087144318742, 0.236882818090, 0.643914259888, 0.032058603280], rtol=1e-9)
    divergence = sum(0.5 * math.log(0.5 / probability[k]) for k in (1, 2))
    assert found.item() == pytest.approx(2 * math.log(2) + 2 * divergence, rel=1e-9)


def test_the_last_label_without_a_guard_bin_counts_its_own_twice():
    assert loss(LOGITS, 3) == pytest.approx(6.880379397122, rel=1e-9)


def test_interpolation():
    assert loss(LOGITS, 1.25, interpolate=True) == pytest.approx(1.190189698561, rel=1e-9)
    log_probability = LOGITS.log_softmax(1)[0]
    for label in range(4):  # a whole label is one class
        assert loss(LOGITS, label, interpolate=True) == pytest.approx(-log_probability[label].item(), rel=1e-12)


@given(m=st.integers(1, 5), max_score=st.integers(1, 6), guard=st.booleans(), seed=st.integers(0, 999))
def test_loops_agree_and_a_constant_changes_nothing(m, max_score, guard, seed):
    rng = np.random.default_rng(seed)
    logits, score = rng.normal(size=(m, max_score + 1 + guard)), rng.integers(max_score + 1, size=m)
    expected = 0.0
    for row, label in zip(logits, score, strict=True):
        total = sum(math.exp(z) for z in row)
        for k in (label, min(label + 1, len(row) - 1)):
            expected -= math.log(math.exp(row[k]) / total) / m
    built = DistributedLoss(max_score)
    fields = torch.from_numpy(logits), torch.from_numpy(score).float()
    assert built(*fields).item() == pytest.approx(expected, rel=1e-9)
    assert built(fields[0] + 7, fields[1]).item() == pytest.approx(expected, rel=1e-9)


def fit(scores, **options):
    built = DistributedLoss(**options)
    assert isinstance(built, FitsLabels)
    built.fit(SimpleNamespace(score=np.array(scores, dtype=np.float64)))


def test_labels_that_fit_no_bin_are_refused():
    fit([0, 45, np.nan])
    fit([0.5, 3.25], interpolate=True)
    with pytest.raises(DataError, match=r"expected scores in \[0, 45\], found 46.*head.max_score"):
        fit([0, 46])
    with pytest.raises(DataError, match=r"expected scores in \[0, 45\], found -1 "):
        fit([-1], interpolate=True)
    with pytest.raises(DataError, match=r"whole points, found 0.5 .*interpolate=true head.bin_offset=0"):
        fit([0.5])


def test_bins_of_another_head_are_refused():
    with pytest.raises(ConfigError, match="expected 46 or 47 bins for scores up to 45, found 64"):
        DistributedLoss(45)(torch.zeros(1, 64), torch.zeros(1))
