import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pytorch_metric_learning.losses import ArcFaceLoss, CosFaceLoss, SphereFaceLoss
from torch.nn import functional as F

from fercli.errors import ConfigError
from fercli.losses.angular import AngularSoftmax

COSINES = torch.tensor([[0.8, 0.1, -0.2], [0.3, 0.5, 0.4]], dtype=torch.float64)
LABELS = torch.tensor([0, 1])
VALUES = [
    ({}, 0.071466231045),
    ({"m_1": 2}, 9.076975521324),
    ({"m_1": 4}, 28.496701851292),
    ({"m_2": 0.5}, 3.828665406137),
    ({"m_3": 0.35}, 2.566879479224),
]


def psi(theta, m_1, m_2, m_3):
    """The margin's function of an angle, continued beyond pi by a turn at a time."""
    angle, turns = m_1 * theta + m_2, 0
    while angle - turns * math.pi > math.pi:
        turns += 1
    return (-1) ** turns * math.cos(angle) - 2 * turns - m_3


@pytest.mark.parametrize(("margins", "value"), VALUES)
def test_values(margins, value):
    assert AngularSoftmax(20, **margins)(20 * COSINES, LABELS).item() == pytest.approx(value, rel=1e-9)


def test_equal_cosines():
    loss = AngularSoftmax()(torch.full((2, 7), 6.0, dtype=torch.float64), LABELS)
    assert loss.item() == pytest.approx(1.945910149055, rel=1e-9)


def test_without_a_margin_it_is_cross_entropy():
    assert torch.equal(AngularSoftmax()(20 * COSINES, LABELS), F.cross_entropy(20 * COSINES, LABELS))


@given(
    m_1=st.sampled_from([1, 1.5, 2, 4]), m_2=st.sampled_from([0, 0.5]), m_3=st.sampled_from([0, 0.35]),
    seed=st.integers(0, 999),
)  # fmt: skip
def test_loops_agree(m_1, m_2, m_3, seed):
    rng = np.random.default_rng(seed)
    cosines, labels = rng.uniform(-0.99, 0.99, (4, 3)), rng.integers(3, size=4)
    expected = 0.0
    for row, label in zip(cosines, labels, strict=True):
        scores = [20 * c for c in row]
        scores[label] = 20 * psi(math.acos(row[label]), m_1, m_2, m_3)
        expected += (math.log(sum(math.exp(z - max(scores)) for z in scores)) + max(scores) - scores[label]) / 4
    found = AngularSoftmax(20, m_1, m_2, m_3)(torch.from_numpy(20 * cosines), torch.from_numpy(labels))
    assert found.item() == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("margins", [{"m_1": 4}, {"m_2": 0.5}, {"m_1": 2, "m_2": 1.0, "m_3": 0.1}])
def test_the_true_class_never_gets_easier_as_the_angle_grows(margins):
    cosine = torch.linspace(1, -1, 1000, dtype=torch.float64)
    score = AngularSoftmax(20, **margins)._with_margin(cosine)
    assert (score.diff() <= 1e-12).all()
    assert score.diff().min() > -0.2  # continuous


@pytest.mark.parametrize("margins", [margins for margins, _ in VALUES])
def test_gradient(margins):
    loss = AngularSoftmax(20, **margins)
    assert torch.autograd.gradcheck(lambda x: loss(20 * x, LABELS), COSINES.clone().requires_grad_())
    ends = torch.tensor([[20.0, 0, 0], [0, -20.0, 0]], requires_grad=True)
    loss(ends, LABELS).backward()
    assert ends.grad.isfinite().all()


@pytest.mark.parametrize(
    ("library", "value"),
    [
        (lambda: SphereFaceLoss(3, 4, margin=2, scale=20), 9.076975521324),
        (lambda: SphereFaceLoss(3, 4, margin=4, scale=20), 28.496701851292),
        (lambda: ArcFaceLoss(3, 4, margin=math.degrees(0.5), scale=20), 3.828665406137),
        (lambda: CosFaceLoss(3, 4, margin=0.35, scale=20), 2.566879479224),
    ],
)
def test_the_losses_of_the_library_have_the_same_margins_on_weights_of_their_own(library, value):
    """Weights are unit vectors, features of length 1 have the cosines of above with them. For other lengths, SphereFace
    multiplies by them; ArcFace goes on otherwise beyond pi; none has all three margins."""
    loss = library()
    loss.W.data = torch.eye(4, 3, dtype=torch.float64)
    feature = torch.cat([COSINES, (1 - COSINES.square().sum(1, keepdim=True)).sqrt()], 1)
    assert loss(feature, LABELS).item() == pytest.approx(value, rel=1e-6)  # angles of the library are less exact
    longer = loss(3 * feature, LABELS).item()
    assert (longer == pytest.approx(value, rel=1e-6)) == (not isinstance(loss, SphereFaceLoss))


@pytest.mark.parametrize("margins", [{"m_1": 0.5}, {"m_2": -0.1}])
def test_no_margin_is_refused(margins):
    with pytest.raises(ConfigError, match="expected m_1 of 1 or more and m_2 of 0 or more"):
        AngularSoftmax(**margins)
