"""Two processes, joined by gloo, move the centers of every loss as one process does with all rows."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from fercli.batch import Batch
from fercli.losses.center import CenterBank
from fercli.losses.island import EuclideanIslandLoss, IslandLoss
from fercli.losses.objective import Objective, Term
from fercli.losses.regular_face import RegularFaceLoss
from fercli.losses.regularized_center import RegularizedCenterLoss
from fercli.losses.separate import SeparateLoss
from fercli.losses.sparse_center import SparseCenterLoss
from fercli.losses.subclass import LocalSubclassLoss
from fercli.losses.va_center import VACenter
from fercli.prediction import Prediction

READS = ["feature", "expression", "centers"]
TERMS = {
    "island": Term(IslandLoss(), READS),
    "euclidean_island": Term(EuclideanIslandLoss(margin=5), READS),
    "local_subclass": Term(LocalSubclassLoss(), READS),
    "local_subclass_margin": Term(LocalSubclassLoss(margin=0.5), READS),
    "sparse_center": Term(SparseCenterLoss(), ["feature", "expression", "attention", "centers"]),
    "va_center": Term(VACenter(), ["feature", "expression", "affect", "centers"]),
    "separate": Term(SeparateLoss(), READS),
    "regularized_center": Term(RegularizedCenterLoss(), READS),
    "regular_face": Term(RegularFaceLoss(), ["centers"]),
}
SHARES = {2: [slice(0, 5), slice(5, 9)], 1: [slice(0, 9)]}  # rows of each process, by their number


def moved(name, rows):
    """The centers of a loss after two steps on these rows of nine, one of them unlabelled."""
    random = torch.Generator().manual_seed(0)
    bank = CenterBank(3, 4, per_class=2 if "subclass" in name else 1).double()
    objective = Objective({name: TERMS[name]}, bank)
    for _ in range(2):
        feature = torch.randn(9, 4, generator=random, dtype=torch.float64)[rows]
        attention = torch.rand(9, 4, generator=random, dtype=torch.float64)[rows]
        affect = 2 * torch.rand(9, 2, generator=random, dtype=torch.float64)[rows] - 1
        expression = torch.tensor([0, 1, 0, -1, 2, 2, 1, 0, 0])[rows]
        batch = Batch(["a"] * len(feature), torch.zeros(len(feature)), expression, affect=affect)
        objective(Prediction(feature, attention=attention), batch)
        objective.step_centers()
    return bank.centers


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """The centers of every loss, of each of two processes: this file is their program, too."""
    folder = tmp_path_factory.mktemp("ranks")
    ranks = [subprocess.Popen([sys.executable, __file__, str(rank), str(folder)]) for rank in range(2)]
    assert [rank.wait(timeout=500) for rank in ranks] == [0, 0]
    return [torch.load(folder / str(rank)) for rank in range(2)]


@pytest.mark.parametrize("name", TERMS)
def test_two_processes_move_centers_as_one(together, name):
    first, second = (centers[name] for centers in together)
    (everything,) = SHARES[1]
    expected = moved(name, everything)
    assert torch.equal(first, second)
    torch.testing.assert_close(first, expected, rtol=0, atol=1e-12)
    begin = CenterBank(3, 4, per_class=2 if "subclass" in name else 1).double().centers
    assert (expected - begin).abs().max() > 1e-3


@pytest.mark.parametrize("name", sorted(set(TERMS) - {"regular_face"}))
def test_a_share_of_the_rows_moves_them_elsewhere(together, name):
    """Else the test above would hold without gathering."""
    assert (moved(name, SHARES[2][0]) - together[0][name]).abs().max() > 1e-3


def one_rank(rank: int, folder: Path) -> None:
    rendezvous = f"file://{folder}/rendezvous"
    torch.distributed.init_process_group("gloo", init_method=rendezvous, rank=rank, world_size=2)
    torch.save({name: moved(name, SHARES[2][rank]) for name in TERMS}, folder / str(rank))
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    one_rank(int(sys.argv[1]), Path(sys.argv[2]))
