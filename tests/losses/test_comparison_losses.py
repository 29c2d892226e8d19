"""Losses of pytorch-metric-learning and ours that CMGCN is compared with, at the numbers of its formulas.

Where the yaml files have other options, or the library another reduction, a comment says so.
"""

import numpy as np
import pytest
import torch
from pytorch_metric_learning.losses import (
    CircleLoss,
    GeneralizedLiftedStructureLoss,
    LiftedStructureLoss,
    MultiSimilarityLoss,
    NPairsLoss,
    SoftTripleLoss,
    TripletMarginLoss,
)
from pytorch_metric_learning.miners import BatchHardMiner, MultiSimilarityMiner
from pytorch_metric_learning.reducers import MeanReducer
from torch.nn import functional as F

from fercli.losses.center import CenterLoss
from fercli.losses.mined import MinedLoss
from fercli.losses.regular_face import exclusive_regularization


def on_the_circle(*degrees):
    angles = np.deg2rad(degrees)
    return torch.from_numpy(np.stack([np.cos(angles), np.sin(angles)], 1))


SIX, LABELS_6 = on_the_circle(0, 20, 70, 90, 120, 180), torch.tensor([0, 0, 0, 1, 1, 1])
FOUR, LABELS_4 = on_the_circle(0, 60, 90, 150), torch.tensor([0, 0, 1, 1])
NONE = torch.zeros(0, dtype=torch.int64)


def value(loss):
    return pytest.approx(loss, rel=1e-9)


def test_softmax_center_and_regular_face():
    logits = torch.tensor([[2, 1, 0], [0, 1, 3]], dtype=torch.float64)
    assert F.cross_entropy(logits, torch.tensor([0, 2])).item() == value(0.288725992000)
    x, centers = torch.tensor([[[1.0, 2], [3, 4]], [[0, 0], [1, 1]]], dtype=torch.float64)
    assert CenterLoss("sum")(x, torch.tensor([0, 1]), centers).item() == value(9)  # yaml: reduction mean
    rows = torch.tensor([[1.0, 0], [0, 1], [1, 1]], dtype=torch.float64)
    assert exclusive_regularization(rows).item() == value(0.707106781187)


def test_batch_hard_triplet():
    anchor, positive, _ = BatchHardMiner()(SIX, LABELS_6)
    hardest = (SIX[anchor] - SIX[positive]).norm(dim=1)
    expected = [1.147152872702, 0.845236523481, 1.147152872702, 1.414213562373, 1, 1.414213562373]
    np.testing.assert_allclose(hardest, expected, rtol=1e-9)
    # yaml: margin 0.2, and the library's own mean, over the triplets that cost something
    all_anchors = MinedLoss(TripletMarginLoss(margin=0.3, reducer=MeanReducer()), BatchHardMiner())
    assert all_anchors(SIX, LABELS_6).item() == value(0.505064330842)
    costly = MinedLoss(TripletMarginLoss(margin=0.3), BatchHardMiner())
    assert costly(SIX, LABELS_6).item() == value(0.505064330842 * 6 / 5)


def test_all_triplets():
    # yaml: margin 0.2, and the library's own mean, over the triplets that cost something
    assert TripletMarginLoss(margin=0.3, reducer=MeanReducer())(SIX, LABELS_6).item() == value(0.168545692416)
    assert TripletMarginLoss(margin=0.3)(SIX, LABELS_6).item() == value(0.168545692416 * 36 / 11)


def test_multi_similarity():
    loss = MultiSimilarityLoss(alpha=2, beta=50, base=0.5)
    assert loss(SIX, LABELS_6).item() == value(0.739683451313)
    # as the yaml has it
    assert MinedLoss(loss, MultiSimilarityMiner(epsilon=0.1))(SIX, LABELS_6).item() == value(0.442605314353)


@pytest.fixture
def one_anchor():
    """Features, labels and pairs: an anchor with similarities 0.8 and 0.6 to its class, 0.3 and 0.1 to others."""
    axes = torch.eye(5, dtype=torch.float64)
    others = [c * axes[0] + np.sqrt(1 - c**2) * axes[i] for i, c in enumerate((0.8, 0.6, 0.3, 0.1), start=1)]
    pairs = (torch.tensor([0, 0]), torch.tensor([1, 2]), torch.tensor([0, 0]), torch.tensor([3, 4]))
    return torch.stack([axes[0], *others]), torch.tensor([0, 0, 0, 1, 2]), pairs


def test_circle(one_anchor):
    assert CircleLoss(m=0.25, gamma=80)(*one_anchor).item() == value(10.001773225381)  # yaml: m 0.4


def test_circle_as_cmgcn_prints_it(one_anchor):
    """The print lacks the margins that are taken off the similarities, and nothing else: the weights of pairs agree."""
    loss = CircleLoss(m=0.25, gamma=80)
    loss.delta_p = loss.delta_n = 0
    assert loss(*one_anchor).item() == value(1.831182886e-7)


def test_n_pair():
    rows = [[1, 0], [0, 1], [-1, 0], [0.8, 0.6], [0, 1], [-0.6, 0.8]]
    pairs = (torch.arange(3), torch.arange(3, 6), NONE, NONE)
    loss = NPairsLoss()(torch.tensor(rows, dtype=torch.float64), torch.arange(3).repeat(2), pairs)
    assert loss.item() == value(0.675120974305)


def test_lifted_structure():
    """The library squares what the print of CMGCN does not; both pairs are alike here. yaml: the generalized form."""
    squared = LiftedStructureLoss(neg_margin=1, pos_margin=0)(FOUR, LABELS_4)
    assert (2 * squared).sqrt().item() / 2 == value(1.102302204640)


def test_generalized_lifted_structure():
    """As the yaml has it: over anchors, all positives against all negatives (Hermans et al. 2017, equation 9)."""
    rows, labels = SIX.numpy(), LABELS_6.numpy()
    terms = []
    for i in range(6):
        distance = np.linalg.norm(rows - rows[i], axis=1)
        alike = (labels == labels[i]) & (np.arange(6) != i)
        pull = np.log(np.exp(distance[alike]).sum())
        push = np.log(np.exp(1 - distance[labels != labels[i]]).sum())
        terms.append(max(0, pull + push))
    loss = GeneralizedLiftedStructureLoss(neg_margin=1, pos_margin=0)(SIX, LABELS_6)
    assert loss.item() == value(np.mean(terms))


def test_soft_triple():
    """As the yaml has it (Qian et al. 2019, equations 6 and 7, without the regularizer of the proxies)."""
    num_classes, per_class, scale, gamma, margin = 2, 10, 20, 0.1, 0.01
    loss = SoftTripleLoss(num_classes, 2, centers_per_class=per_class, la=scale, gamma=gamma, margin=margin)
    proxies = loss.fc.detach().double().numpy().T  # of the first class, then of the second
    cosine = SIX.numpy() @ (proxies / np.linalg.norm(proxies, axis=1, keepdims=True)).T
    cosine = cosine.reshape(6, num_classes, per_class)
    share = np.exp(cosine / gamma) / np.exp(cosine / gamma).sum(2, keepdims=True)
    similarity = (share * cosine).sum(2)
    similarity[np.arange(6), LABELS_6] -= margin
    exponentials = np.exp(scale * similarity)
    expected = -np.log(exponentials[np.arange(6), LABELS_6] / exponentials.sum(1)).mean()
    assert loss(SIX, LABELS_6).item() == value(expected)


@pytest.mark.parametrize(
    "loss",
    [
        GeneralizedLiftedStructureLoss(neg_margin=1, pos_margin=0),
        SoftTripleLoss(2, 2, centers_per_class=3),
        MultiSimilarityLoss(alpha=2, beta=50, base=0.5),
        TripletMarginLoss(margin=0.2),
    ],
    ids=lambda loss: type(loss).__name__,
)
def test_gradients(loss):
    """Those of circle loss are none of its value: its weights of pairs count as constants (Sun et al. 2020)."""
    rows = (1.3 * SIX).requires_grad_()
    assert torch.autograd.gradcheck(lambda rows: loss(rows, LABELS_6), rows)
