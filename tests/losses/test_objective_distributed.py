"""Two processes, joined by gloo, compute every loss of `conf/loss` as one process does with all rows.

A new yaml is covered by itself. None of them draws at random; one that does cannot be equal, and is to be left out here
with that reason.
"""

import copy
from dataclasses import dataclass, fields
from functools import cache
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pytest
import torch

from fercli.batch import Batch, FitsLabels, Labels
from fercli.catalog import choices
from fercli.config import compose, instantiate
from fercli.fields import OF_BATCH
from fercli.launch import warm
from fercli.losses.center import CenterBank, MovesCenters
from fercli.losses.objective import Objective
from fercli.losses.reads import LABELS, OF_CLASSES, PREDICTED
from fercli.prediction import Prediction

pytestmark = pytest.mark.slow
NAMES = choices("loss")
NUM_ROWS, NUM_CLASSES, DIM = 12, 3, 4
SIZES = {"sizes.num_classes": NUM_CLASSES, "sizes.dim": DIM, "sizes.feature_dim": DIM}
HEAD = {"scale": 20, "num_sectors": 4, "num_levels": 64, "max_score": 45}  # what losses ask of the head
WIDTHS = {  # of a prediction, where it is not that of the other losses
    "half_bce": {"sector_logits": 1},
    "half_mse": {"sector_logits": 1},
    "distributed_bins": {"score_logits": 47},
}


@dataclass(frozen=True)
class Deal:
    """The rows of a batch that each process has, and those that no label is known of."""

    shares: tuple[list[int], list[int]]
    unlabelled: tuple[int, ...]

    def rows(self, rank):
        """Of one process; of all, with rank None, in the order in which they were dealt out."""
        if rank is not None:
            return self.shares[rank]
        return [row for rows in zip_longest(*self.shares) for row in rows if row is not None]


EVERY = list(range(NUM_ROWS))
EVEN = (EVERY[0::2], EVERY[1::2])
DEALS = {
    "even": Deal(EVEN, unlabelled=(3,)),
    "uneven": Deal((EVERY[:8], EVERY[8:]), unlabelled=(1, 9)),
    "rows in one process alone": Deal((EVERY, []), unlabelled=(3,)),
    "labels in one process alone": Deal(EVEN, unlabelled=tuple(EVEN[1])),
    "labels nowhere": Deal(EVEN, unlabelled=tuple(EVERY)),
}
STEPS = [  # of the optimizer, with their micro-batches
    ["even"],
    ["uneven", "rows in one process alone"],
    ["labels in one process alone", "labels nowhere"],
]


@cache
def drawn(name, deal="even"):
    """All rows of one batch: every field of a prediction and of a batch that a loss may read."""
    rng = np.random.default_rng([*DEALS].index(deal))
    widths = {"logits": NUM_CLASSES, "sector_logits": 4, "score_logits": 64, "predicted_affect": 2, "gates": 5}
    widths |= {"feature": DIM, "attention": DIM} | WIDTHS.get(name, {})
    predicted = {field: rng.random((NUM_ROWS, width)) + 0.1 for field, width in widths.items()}
    predicted["feature"] -= 0.6
    predicted["class_vectors"] = rng.normal(size=(NUM_CLASSES, DIM))
    scores = ("predicted_score", "regressed_score", "binned_score")
    predicted |= {"mask_logits": rng.normal(size=(NUM_ROWS, 3, 3))} | {s: 40 * rng.random(NUM_ROWS) for s in scores}
    known = {field: rng.random(NUM_ROWS) for field in OF_BATCH} | {
        "expression": rng.permutation(np.arange(NUM_ROWS) % NUM_CLASSES),
        "votes": rng.integers(1, 5, (NUM_ROWS, NUM_CLASSES)).astype(float),
        "affect": 2 * rng.random((NUM_ROWS, 2)) - 1,
        "score": rng.choice([3.0, 5.0, 20.0, 44.0], NUM_ROWS),
        "landmarks": 10 * rng.random((NUM_ROWS, 68, 2)),
        "mask": rng.random((NUM_ROWS, 3, 3)),
        "session": np.arange(NUM_ROWS) // 2,
    }
    for label in known.values():
        label[[*DEALS[deal].unlabelled]] = -1 if label.dtype == int else np.nan
    return predicted, known


@cache
def configuration():
    given = [f"{key}={value}" for key, value in SIZES.items()] + [f"+head.{key}={value}" for key, value in HEAD.items()]
    return compose("train", [f"loss=[{','.join(NAMES)}]", *given])


@cache
def built(name):
    """The objective of one loss, in double precision."""
    torch.manual_seed(0)
    bank = CenterBank(NUM_CLASSES, DIM, per_class=2 if "subclass" in name else 1)
    objective = Objective({name: instantiate(configuration().loss[name])}, bank)
    _, known = drawn(name)
    labels = Labels(**{field.name: known.get(field.name) for field in fields(Labels) if field.name != "scale"})
    for module in objective.modules():
        if isinstance(module, FitsLabels):
            module.fit(labels)
    return objective.double()


def outcome(name, rank=None, global_batch=True):
    """What one process, or one with all rows, has of the steps: values of the loss, gradients, centers."""
    objective = copy.deepcopy(built(name))
    objective.global_batch = global_batch
    values, gradients = {}, {}
    for step in STEPS:
        for deal in step:
            rows = DEALS[deal].rows(rank)
            predicted, known = drawn(name, deal)
            own = {field: slice(None) if field in OF_CLASSES else rows for field in predicted}
            prediction = {field: torch.tensor(value[own[field]]).requires_grad_() for field, value in predicted.items()}
            labels = {field: torch.tensor(label[rows]) for field, label in known.items()}
            batch = Batch(["a"] * len(rows), torch.zeros(len(rows)), **labels)
            total, terms = objective(Prediction(**prediction), batch)
            if total.requires_grad:
                total.backward()
            values[deal] = terms[name]
            for field in set(objective.terms[name].reads) & set(prediction):
                every = torch.zeros(predicted[field].shape, dtype=torch.float64)
                every[own[field]] = prediction[field].grad
                gradients[f"{field}, {deal}"] = every
        objective.step_centers()
    gradients |= {parameter: value.grad for parameter, value in objective.named_parameters()}
    return {"values": values, "gradients": gradients, "centers": objective.centers.centers}


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """The outcomes of every loss, of each of two processes."""
    folder = tmp_path_factory.mktemp("ranks")
    ranks = [warm.CONTEXT.Process(target=one_rank, args=(rank, folder)) for rank in range(2)]
    for rank in ranks:
        rank.start()
    for rank in ranks:
        rank.join()
    assert [rank.exitcode for rank in ranks] == [0, 0]
    return [torch.load(folder / str(rank)) for rank in range(2)]


def assert_equal(found, expected, what):
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9, msg=lambda text: f"{what}: {text}")


def test_every_field_that_a_loss_may_read_is_drawn():
    predicted, known = drawn("any")
    assert {*predicted} == {*PREDICTED}
    assert {*known} == {*LABELS}


@pytest.mark.parametrize("name", NAMES)
def test_two_processes_equal_one(together, name):
    expected = outcome(name)
    first, second = (found[name] for found in together)
    for deal, value in expected["values"].items():
        assert_equal(first["values"][deal], value, deal)
        assert_equal(second["values"][deal], value, deal)
    for of, gradient in expected["gradients"].items():
        mean = (first["gradients"][of] + second["gradients"][of]) / 2  # what DDP makes of them
        assert_equal(mean, gradient, of)
    assert torch.equal(first["centers"], second["centers"])
    assert_equal(first["centers"], expected["centers"], "centers")


@pytest.mark.parametrize("name", NAMES)
def test_there_is_something_to_compare(name):
    """Else the test above would hold for a loss that is 0."""
    found = outcome(name)
    assert found["values"]["even"] != 0
    assert all(gradient.any() for of, gradient in found["gradients"].items() if "nowhere" not in of)
    if isinstance(built(name).terms[name].loss, MovesCenters):
        assert (found["centers"] - built(name).centers.centers).abs().max() > 1e-3


@pytest.mark.parametrize("name", sorted({*NAMES} - {"regular_face", "regular_face_centers"}))  # which read no rows
def test_without_the_global_batch_each_process_has_a_loss_of_its_own(together, name):
    """And the centers move as in one process all the same."""
    expected = outcome(name)
    for rank, found in enumerate(together):
        own = found[name, "own rows"]
        assert (own["values"]["even"] - expected["values"]["even"]).abs() > 1e-6
        assert_equal(own["values"]["even"], outcome(name, rank)["values"]["even"], "value")
        assert_equal(own["centers"], expected["centers"], "centers")


def one_rank(rank: int, folder: Path) -> None:
    rendezvous = f"file://{folder}/rendezvous"
    torch.distributed.init_process_group("gloo", init_method=rendezvous, rank=rank, world_size=2)
    outcomes = {}
    for name in NAMES:
        outcomes[name] = outcome(name, rank)
        outcomes[name, "own rows"] = outcome(name, rank, global_batch=False)
    torch.save(outcomes, folder / str(rank))
    torch.distributed.destroy_process_group()
