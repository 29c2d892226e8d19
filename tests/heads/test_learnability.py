"""Every model of Antoniadis 2021 learns 70 samples by heart (acceptance check T29)."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from fercli.batch import Batch, FitsLabels
from fercli.heads.embeddings import Gaussian
from fercli.heads.emotion_gcn import EmotionGCNHead
from fercli.heads.linear import LinearHead, RegressionHead
from fercli.heads.mask import MaskHead
from fercli.heads.multitask import FUSIONS, MultiTaskHead
from fercli.losses.affect import AffectMSE, CCCLoss
from fercli.losses.affect_bins import LogitLoss, SoftLoss
from fercli.losses.center import CenterBank, CenterLoss
from fercli.losses.center_local import CenterLocalLoss
from fercli.losses.classification import FocalLoss, WeightedCrossEntropy
from fercli.losses.contrastive import ContrastiveLoss
from fercli.losses.island import EuclideanIslandLoss, IslandLoss
from fercli.losses.mask import MaskCrossEntropy
from fercli.losses.objective import Objective, Term
from fercli.losses.sectors import SectorCrossEntropy
from fercli.losses.subclass import LocalSubclassLoss
from fercli.losses.va_center import VACenterLocal
from fercli.metrics.affect import ccc
from fercli.prediction import Features, Prediction
from tests.labels import labels_of

pytestmark = pytest.mark.slow

NUM_CLASSES, DIM = 7, 16
MOST_STEPS, STEPS_BETWEEN_LOOKS = 1200, 20


@pytest.fixture
def batch():
    """Ten samples around each of seven places, with valence and arousal of their class and noise."""
    generator = torch.Generator().manual_seed(0)
    expression = torch.arange(NUM_CLASSES).repeat_interleave(10)
    places = 2 * torch.randn(NUM_CLASSES, 8, generator=generator)
    angle = 2 * torch.pi * expression / NUM_CLASSES
    affect = 0.6 * torch.stack([angle.cos(), angle.sin()], 1) + 0.05 * torch.randn(70, 2, generator=generator)
    image = places[expression] + torch.randn(70, 8, generator=generator)
    mask = (torch.arange(8 * 8).view(8, 8) % 3 == 0).float().expand(70, 8, 8)
    return Batch([str(i) for i in range(70)], image, expression, affect=affect, mask=mask)


def weighted():
    return Term(WeightedCrossEntropy(NUM_CLASSES))


def trained(batch, head, terms, bank=None, until=lambda prediction, batch: False, steps=MOST_STEPS):
    """What the network predicts of its training samples after so many steps, or as soon as it predicts them well."""
    torch.manual_seed(0)
    backbone = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, DIM), nn.ReLU())
    head = head()
    objective = Objective(terms, bank).train()
    labels = labels_of(batch.expression.numpy(), affect=batch.affect.double().numpy())
    for module in (*head.modules(), *objective.modules()):
        if isinstance(module, FitsLabels):
            module.fit(labels)
    optimizer = torch.optim.Adam([*backbone.parameters(), *head.parameters()], lr=0.01)
    for step in range(steps):
        vector = backbone(batch.image)
        prediction = Prediction(feature=vector, **head(Features(vector, vector[:, :, None, None])))
        if step % STEPS_BETWEEN_LOOKS == 0 and until(prediction, batch):
            break
        optimizer.zero_grad()
        objective(prediction, batch)[0].backward()
        optimizer.step()
        objective.step_centers()
    return prediction


def accuracy(prediction, batch):
    return (prediction.logits.argmax(1) == batch.expression).double().mean().item()


def least_ccc(prediction, batch):
    pairs = zip(batch.affect.T.numpy(), prediction.predicted_affect.detach().T.numpy(), strict=True)
    return min(ccc(true, said) for true, said in pairs)


def is_learned(prediction, batch):
    learned = prediction.logits is None or accuracy(prediction, batch) >= 0.99
    return learned and (prediction.predicted_affect is None or least_ccc(prediction, batch) > 0.9)


def learns(batch, *network):
    return is_learned(trained(batch, *network, until=is_learned), batch)


@pytest.mark.parametrize("name", ["weighted", "cross_entropy", "focal", "soft", "logit"])
def test_single_task(batch, name):
    terms = {
        "weighted": {"weighted": weighted()},
        "cross_entropy": {"plain": Term(F.cross_entropy, ["logits", "expression"])},
        "focal": {"focal": Term(FocalLoss())},
        "soft": {"weighted": weighted(), "soft": Term(SoftLoss(NUM_CLASSES, 5), weight=0.1)},
        "logit": {"weighted": weighted(), "logit": Term(LogitLoss(NUM_CLASSES, 10))},
    }[name]
    assert learns(batch, lambda: LinearHead(DIM, NUM_CLASSES), terms)


@pytest.mark.parametrize(
    ("loss", "per_class"),
    [
        (CenterLoss(), 1),
        (CenterLocalLoss(), 1),
        (IslandLoss(lambda_1=10), 1),
        (EuclideanIslandLoss(margin=2), 1),
        (LocalSubclassLoss(margin=0.5), 3),
        (VACenterLocal(), 1),
        (ContrastiveLoss(margin=2), 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_metric_learning(batch, loss, per_class):
    terms = {"weighted": weighted(), "metric": Term(loss, weight=0.1)}
    bank = CenterBank(NUM_CLASSES, DIM, per_class=per_class) if "centers" in terms["metric"].reads else None
    assert learns(batch, lambda: LinearHead(DIM, NUM_CLASSES), terms, bank)


def variance_within_classes(prediction, batch):
    return np.mean([prediction.feature[batch.expression == k].var(0).sum().item() for k in range(NUM_CLASSES)])


def test_center_loss_makes_classes_narrower(batch):
    def head():
        return LinearHead(DIM, NUM_CLASSES)

    plain = trained(batch, head, {"weighted": weighted()}, steps=200)
    terms = {"weighted": weighted(), "center": Term(CenterLoss(), weight=0.1)}
    centered = trained(batch, head, terms, CenterBank(NUM_CLASSES, DIM), steps=200)
    assert variance_within_classes(centered, batch) < variance_within_classes(plain, batch)


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize("loss", [CCCLoss(), AffectMSE()], ids=["CCC", "MSE"])
def test_multi_task_with_valence_and_arousal(batch, fusion, loss):
    terms = {"weighted": weighted(), "affect": Term(loss)}
    assert learns(batch, lambda: MultiTaskHead(DIM, NUM_CLASSES, fusion=fusion), terms)


@pytest.mark.parametrize(
    ("num_sectors", "fusion"),
    [(8, "classic"), (8, "separate"), *((number, "concatenate") for number in (2, 4, 8, 12))],
)
def test_multi_task_with_sectors(batch, num_sectors, fusion):
    terms = {"weighted": weighted(), "sectors": Term(SectorCrossEntropy(num_sectors))}
    assert learns(batch, lambda: MultiTaskHead(DIM, NUM_CLASSES, num_sectors, fusion), terms)


def test_multi_task_with_the_mask(batch):
    terms = {"weighted": weighted(), "mask": Term(MaskCrossEntropy())}
    assert learns(batch, lambda: MaskHead(DIM, NUM_CLASSES, (DIM, 1, 1)), terms)


def test_valence_and_arousal_alone(batch):
    assert learns(batch, lambda: RegressionHead(DIM), {"ccc": Term(CCCLoss())})


@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_emotion_gcn(batch, num_layers):
    terms = {"weighted": weighted(), "ccc": Term(CCCLoss())}
    assert learns(
        batch, lambda: EmotionGCNHead(DIM, NUM_CLASSES, Gaussian(20), num_layers=num_layers, hidden=32), terms
    )
