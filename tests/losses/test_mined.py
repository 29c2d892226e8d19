"""Losses of pytorch-metric-learning as the yaml files give them, without code of ours but for a miner."""

import pytest
import torch
from pytorch_metric_learning.losses import TripletMarginLoss
from pytorch_metric_learning.miners import BatchHardMiner

from fercli.config import compose, instantiate
from fercli.losses.mined import MinedLoss
from fercli.losses.objective import Objective, Term

PAIRWISE = ["triplet", "batch_hard_triplet", "n_pair", "lifted_structure", "multi_similarity", "circle"]
PROXIES = ["sphere_face", "cos_face", "arc_face", "soft_triple"]


@pytest.fixture(scope="module")
def configured():
    """The terms as configured, for 4 classes and features of 8 numbers."""
    cfg = compose("train", [f"loss=[{','.join(PAIRWISE + PROXIES)}]"])
    cfg.sizes.num_classes, cfg.sizes.feature_dim = 4, 8
    return cfg.loss


@pytest.fixture
def built(configured):
    """From the name of a loss to a new term."""
    torch.manual_seed(0)
    return lambda name: instantiate(configured[name])


@pytest.mark.parametrize("name", PAIRWISE + PROXIES)
@pytest.mark.parametrize(
    "labels",
    [[0, 0, 1, 1, 2, 3], [0], [1, 1, 1], [0, 1, 2, 3], [3, 3, 0]],
    ids=["all", "one row", "one class", "no pair", "one negative"],
)
def test_no_batch_breaks_training(built, name, labels):
    torch.manual_seed(1)
    feature, term = torch.randn(len(labels), 8, requires_grad=True), built(name)
    loss = term.loss(feature, torch.tensor(labels))
    loss.backward()
    assert isinstance(term, Term)
    assert loss.isfinite()
    assert loss.dim() == 0
    assert feature.grad.isfinite().all()
    parameters = list(Objective({name: term}).parameters())
    assert bool(parameters) == (name in PROXIES)
    assert all(parameter.grad.isfinite().all() for parameter in parameters)


def trained(loss, y):
    """Features (9, 8) after gradient descent on them and the proxies, and before."""
    torch.manual_seed(2)
    x = torch.randn(9, 8, requires_grad=True)
    before, optimizer = x.detach().clone(), torch.optim.Adam([x, *loss.parameters()], 0.05)
    for _ in range(50):
        optimizer.zero_grad()
        loss(x, y).backward()
        optimizer.step()
    return x.detach(), before


@pytest.mark.parametrize("name", PAIRWISE)
def test_pairs_bring_samples_nearer_to_their_class_than_to_others(built, name):
    y = torch.tensor([0, 0, 0, 1, 1, 1, 2, 2, 2])
    same = (y[:, None] == y).fill_diagonal_(False)

    def contrast(x):
        cosines = torch.nn.functional.cosine_similarity(x[:, None], x[None], dim=2)
        return cosines[same].mean() - cosines[y[:, None] != y].mean()

    after, before = trained(built(name).loss, y)
    assert contrast(after) > contrast(before) + 0.2


@pytest.mark.parametrize("name", PROXIES)
def test_proxies_come_to_tell_the_classes_apart(built, name):
    y, loss = torch.tensor([0, 0, 0, 1, 1, 1, 2, 2, 2]), built(name).loss
    start = loss(trained(built(name).loss, y)[1], y).item()
    after, _ = trained(loss, y)
    assert torch.equal(loss.get_logits(after).argmax(1), y)
    assert loss(after, y) < 0.5 * start


def test_the_hardest_triplets_by_loops():
    torch.manual_seed(3)
    x, y = torch.nn.functional.normalize(torch.randn(7, 5, dtype=torch.float64)), torch.tensor([0, 0, 0, 1, 1, 2, 2])
    costs = []
    for i in range(7):
        farthest = max((x[i] - x[j]).norm() for j in range(7) if y[j] == y[i] and j != i)
        nearest = min((x[i] - x[j]).norm() for j in range(7) if y[j] != y[i])
        costs.append(max(0, (farthest - nearest + 0.2).item()))
    violated = [cost for cost in costs if cost > 0]  # the library averages over these
    loss = MinedLoss(TripletMarginLoss(margin=0.2), BatchHardMiner())(x, y)
    assert loss.item() == pytest.approx(sum(violated) / len(violated), rel=1e-9)
