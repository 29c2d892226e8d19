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
def built():
    """Each loss of the library as a term, for 4 classes and features of 8 numbers."""
    cfg = compose("train", [f"loss=[{','.join(PAIRWISE + PROXIES)}]"])
    cfg.sizes.num_classes, cfg.sizes.dim = 4, 8
    torch.manual_seed(0)
    return {name: instantiate(term) for name, term in cfg.loss.items()}


@pytest.mark.parametrize("name", PAIRWISE + PROXIES)
@pytest.mark.parametrize(
    "labels",
    [[0, 0, 1, 1, 2, 3], [0], [1, 1, 1], [0, 1, 2, 3], [3, 3, 0]],
    ids=["all", "one row", "one class", "no pair", "one negative"],
)
def test_no_batch_breaks_training(built, name, labels):
    torch.manual_seed(1)
    feature, term = torch.randn(len(labels), 8, requires_grad=True), built[name]
    loss = term.loss(feature, torch.tensor(labels))
    loss.backward()
    assert isinstance(term, Term)
    assert loss.isfinite()
    assert loss.dim() == 0
    assert feature.grad.isfinite().all()
    parameters = list(Objective({name: term}).parameters())
    assert bool(parameters) == (name in PROXIES)
    assert all(parameter.grad.isfinite().all() for parameter in parameters)


@pytest.mark.parametrize("name", PAIRWISE + PROXIES)
def test_it_separates_classes(built, name):
    """Gradient descent on the features alone brings samples nearer to their class than to the others."""
    torch.manual_seed(2)
    y = torch.tensor([0, 0, 0, 1, 1, 1, 2, 2, 2])
    x = torch.randn(9, 8, requires_grad=True)

    def contrast():
        cosines = torch.nn.functional.cosine_similarity(x[:, None], x[None], dim=2).detach()
        same, other = y[:, None] == y, y[:, None] != y
        return (cosines[same & ~torch.eye(9, dtype=torch.bool)].mean() - cosines[other].mean()).item()

    before, optimizer = contrast(), torch.optim.Adam([x], 0.05)
    for _ in range(50):
        optimizer.zero_grad()
        built[name].loss(x, y).backward()
        optimizer.step()
    assert contrast() > before + 0.2


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
