"""What holds for every loss that compares one output of the network with one label."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fercli.batch import Batch
from fercli.losses.affect import AffectMSE, CCCLoss
from fercli.losses.affect_bins import LogitLoss, SoftLoss
from fercli.losses.classification import FocalLoss, VoteCrossEntropy, WeightedCrossEntropy
from fercli.losses.mask import MaskCrossEntropy
from fercli.losses.objective import Objective, Term
from fercli.losses.sectors import HalfBCE, HalfMSE, SectorCrossEntropy, SectorFocalLoss
from fercli.prediction import Prediction

NUM_CLASSES = 3
LOSSES = [
    (WeightedCrossEntropy(NUM_CLASSES), ["logits", "expression"]),
    (WeightedCrossEntropy(NUM_CLASSES, weights="literal", reduction="mean"), ["logits", "expression"]),
    (FocalLoss(alpha=[0.25, 0.5, 1]), ["logits", "expression"]),
    (VoteCrossEntropy(), ["logits", "votes"]),
    (SoftLoss(NUM_CLASSES, 5), ["logits", "affect"]),
    (LogitLoss(NUM_CLASSES, 10), ["logits", "affect"]),
    (AffectMSE(), ["predicted_affect", "affect"]),
    (CCCLoss(), ["predicted_affect", "affect"]),
    (SectorCrossEntropy(8), ["sector_logits", "affect"]),
    (SectorFocalLoss(8), ["sector_logits", "affect"]),
    (HalfMSE(), ["sector_logits", "affect"]),
    (HalfBCE(), ["sector_logits", "affect"]),
    (MaskCrossEntropy(), ["mask_logits", "mask"]),
]
CASE = {"m": st.integers(1, 6), "seed": st.integers(0, 999)}
every_loss = pytest.mark.parametrize(("loss", "reads"), LOSSES, ids=lambda value: type(value).__name__)
a_few = settings(max_examples=20, deadline=None)


@pytest.fixture(scope="module", autouse=True)
def _fitted():
    rng = np.random.default_rng(0)
    labels = SimpleNamespace(expression=rng.choice(3, 50, p=[0.6, 0.3, 0.1]), affect=rng.uniform(-1, 1, (50, 2)))
    for loss, _ in LOSSES:
        loss.double()
        if hasattr(loss, "fit"):
            loss.fit(labels)


def fields(loss, m, seed):
    """The outputs of a network for m samples, and their labels, in float64."""
    rng = np.random.default_rng(seed)
    num_scores = 1 if isinstance(loss, HalfMSE | HalfBCE) else 8
    drawn = {
        "logits": rng.normal(size=(m, NUM_CLASSES)),
        "predicted_affect": rng.normal(size=(m, 2)),
        "sector_logits": rng.normal(size=(m, num_scores)),
        "mask_logits": rng.normal(size=(m, 2, 2)),
        "expression": rng.integers(NUM_CLASSES, size=m),
        "votes": 1.0 + rng.integers(5, size=(m, NUM_CLASSES)),
        "affect": rng.uniform(-1, 1, (m, 2)),
        "mask": rng.uniform(size=(m, 4, 4)),
    }
    return {name: torch.from_numpy(value) for name, value in drawn.items()}


def pair(loss, reads, m, seed):
    """The output and the label that a loss reads."""
    given_fields = fields(loss, m, seed)
    return tuple(given_fields[name] for name in reads)


@every_loss
@a_few
@given(**CASE)
def test_the_order_of_rows_and_their_repetition_change_nothing(loss, reads, m, seed):
    output, label = pair(loss, reads, m, seed)
    rows, value = torch.randperm(m), loss(output, label)
    torch.testing.assert_close(loss(output[rows], label[rows]), value, rtol=1e-9, atol=1e-12)
    if m > 1:  # one sample has no concordance
        twice = torch.arange(m).repeat(2)
        torch.testing.assert_close(loss(output[twice], label[twice]), value, rtol=1e-9, atol=1e-12)


@every_loss
@a_few
@given(**CASE)
def test_gradient(loss, reads, m, seed):
    output, label = pair(loss, reads, m, seed)
    assert torch.autograd.gradcheck(lambda output: loss(output, label), output.requires_grad_())


@every_loss
@a_few
@given(**CASE)
def test_unlabelled_rows_change_nothing(loss, reads, m, seed):
    output, label = pair(loss, reads, m, seed)
    missing = label.flatten(1)[:, 0].isnan() if label.dim() > 1 else label < 0
    assert not missing.any()
    without = torch.full_like(label[:1], torch.nan if label.is_floating_point() else -1)
    extra = torch.full_like(output[:1], 9)
    outputs = torch.cat([extra, output, extra]).requires_grad_()
    prediction = Prediction(torch.zeros(m + 2, 1), **{reads[0]: outputs})
    batch = Batch(["a"] * (m + 2), torch.zeros(m + 2), **{reads[1]: torch.cat([without, label, without])})
    total, _ = Objective({"loss": Term(loss)})(prediction, batch)
    torch.testing.assert_close(total, loss(output, label), rtol=1e-9, atol=1e-12, check_dtype=False)
    total.backward()
    assert not outputs.grad[[0, -1]].any()


@every_loss
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("m", [1, 4])
def test_half_precision_and_batches_of_one_kind_stay_finite(loss, reads, dtype, m):
    output, label = pair(loss, reads, m, 0)
    label = label[:1].expand(m, *label.shape[1:])
    output = (100 * output).to(dtype).requires_grad_()
    value = loss.float()(output, label.to(dtype) if label.is_floating_point() else label)
    value.backward()
    loss.double()
    assert value.dtype == torch.float32
    assert value.isfinite()
    assert output.grad.isfinite().all()
