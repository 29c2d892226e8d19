"""Losses of pytorch-metric-learning and ours that CMGCN is compared with, at the numbers of its formulas.

Where the yaml files have other options, or the library another reduction, a comment says so.
"""

import numpy as np
import pytest
import torch
from pytorch_metric_learning.losses import (
    CircleLoss,
    GeneralizedLiftedStructureLoss,
    MultiSimilarityLoss,
    NPairsLoss,
    SoftTripleLoss,
    TripletMarginLoss,
)
from pytorch_metric_learning.miners import BatchHardMiner, MultiSimilarityMiner
from torch.nn import functional as F

from fercli.config import compose, instantiate
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


def configured(name, *overrides, num_classes=2, dim=2):
    """The loss of a yaml file."""
    cfg = compose("train", [f"loss=[{name}]", *overrides])
    cfg.sizes.num_classes, cfg.sizes.feature_dim = num_classes, dim
    return instantiate(cfg.loss[name]).loss


def test_batch_hard_triplet():
    anchor, positive, _ = BatchHardMiner()(SIX, LABELS_6)
    hardest = (SIX[anchor] - SIX[positive]).norm(dim=1)
    expected = [1.147152872702, 0.845236523481, 1.147152872702, 1.414213562373, 1, 1.414213562373]
    np.testing.assert_allclose(hardest, expected, rtol=1e-9)
    assert configured("batch_hard_triplet")(SIX, LABELS_6).item() == value(0.505064330842)
    costly = MinedLoss(TripletMarginLoss(margin=0.3), BatchHardMiner())  # the library's own mean leaves out zeros
    assert costly(SIX, LABELS_6).item() == value(0.505064330842 * 6 / 5)


def test_all_triplets():
    assert configured("triplet")(SIX, LABELS_6).item() == value(0.168545692416)
    assert TripletMarginLoss(margin=0.3)(SIX, LABELS_6).item() == value(0.168545692416 * 36 / 11)


def triplet_costs(x, y, margin, power):
    """Of each anchor, of all its triplets."""
    distance = [[np.sqrt(sum((a - b) ** 2)) ** power for b in x] for a in x]
    n = range(len(x))
    return [
        [
            max(0, distance[i][j] - distance[i][k] + margin)
            for j in n for k in n if j != i and y[j] == y[i] != y[k]
        ]
        for i in n
    ]  # fmt: skip


@pytest.mark.parametrize("normalize", [False, True])
def test_triplets_of_features_as_they_are_and_of_length_1(normalize):
    rng = np.random.default_rng(4)
    x, y = 3 * rng.normal(size=(8, 5)), np.array([0, 0, 0, 1, 1, 1, 2, 2])
    unit = x / np.linalg.norm(x, axis=1, keepdims=True) if normalize else x
    fields = torch.from_numpy(x), torch.from_numpy(y)
    every = configured("triplet", f"loss.triplet.loss.distance.normalize_embeddings={normalize}")
    assert every(*fields).item() == value(np.mean(np.concatenate(triplet_costs(unit, y, 0.3, 1))))
    squared = configured("triplet", f"loss.triplet.loss.distance.normalize_embeddings={normalize}",
                         "loss.triplet.loss.distance.power=2")  # fmt: skip
    assert squared(*fields).item() == value(np.mean(np.concatenate(triplet_costs(unit, y, 0.3, 2))))
    option = "loss.batch_hard_triplet.loss.loss.distance.normalize_embeddings"
    hardest = np.mean([max(costs) for costs in triplet_costs(unit, y, 0.3, 1)])
    assert configured("batch_hard_triplet", f"{option}={normalize}")(*fields).item() == value(hardest)


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
    """Qian et al. 2019, equations 6 and 7, and the regularizer of the proxies with the weight of the authors' code."""
    num_classes, per_class, scale, gamma, margin, tau = 2, 10, 20, 0.1, 0.01, 0.2
    loss = configured("soft_triple").double()
    proxies = loss.fc.detach().numpy().T  # of the first class, then of the second
    proxies = proxies / np.linalg.norm(proxies, axis=1, keepdims=True)
    cosine = (SIX.numpy() @ proxies.T).reshape(6, num_classes, per_class)
    share = np.exp(cosine / gamma) / np.exp(cosine / gamma).sum(2, keepdims=True)
    similarity = (share * cosine).sum(2)
    similarity[np.arange(6), LABELS_6] -= margin
    exponentials = np.exp(scale * similarity)
    expected = -np.log(exponentials[np.arange(6), LABELS_6] / exponentials.sum(1)).mean()
    apart = sum(
        np.sqrt(2 - 2 * proxies[per_class * c + i] @ proxies[per_class * c + j])
        for c in range(num_classes) for i in range(per_class) for j in range(i + 1, per_class)
    )  # fmt: skip
    expected += tau * apart / (num_classes * per_class * (per_class - 1))
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
