"""Rows of the objective: those without labels, those of micro-batches and evaluations, and losses with parameters."""

import numpy as np
import pytest
import torch
from torch import nn

from fercli.batch import Batch
from fercli.errors import RunError
from fercli.losses.center import CenterLoss
from fercli.losses.dda import DDALoss
from fercli.losses.objective import Objective, Term
from fercli.ops.finite import STEPS_BETWEEN_CHECKS
from fercli.prediction import Prediction


def softmax():
    return Term(nn.CrossEntropyLoss(), ["logits", "expression"])


def center():
    return Term(CenterLoss(), weight=0.01)


def dda():
    return Term(DDALoss(), weight=5.0)


def with_unlabelled(step):
    """The same rows with two unlabelled ones between them."""
    order, extra = [0, 4, 1, 2, 5, 3], torch.tensor([[9.0, 9.0], [-7.0, 3.0]], dtype=torch.float64)
    feature = torch.cat([step.feature, extra])[order]
    logits = torch.cat([step.prediction.logits, torch.ones(2, 3)])[order]
    expression = torch.cat([step.batch.expression, torch.tensor([-1, -1])])[order]
    return Prediction(feature, logits), Batch(list("aebcfd"), torch.zeros(6), expression)


def test_unlabelled_rows_change_nothing(step, bank):
    terms = {"cross_entropy": softmax(), "center": center(), "dda": dda()}
    objective = Objective(terms, bank)
    prediction, batch = with_unlabelled(step)
    total, _ = objective(prediction, batch)
    total.backward()
    assert total.item() == pytest.approx(1.172145032232494, rel=1e-9)
    assert step.feature.grad[0, 0].item() == pytest.approx(0.265221826471, rel=1e-9)
    objective.step_centers()
    assert bank.centers[0, 0].item() == pytest.approx(0.32072508459, rel=1e-9)


def test_a_batch_without_labels_gives_a_zero_with_a_gradient_and_moves_no_center(four, step, bank):
    objective = Objective({"cross_entropy": softmax(), "center": center(), "dda": dda()}, bank)
    step.batch.expression = torch.full((4,), -1)
    total, values = objective(step.prediction, step.batch)
    total.backward()
    assert total.item() == 0
    assert all(value == 0 for value in values.values())
    assert step.feature.grad.tolist() == [[0, 0]] * 4
    objective.step_centers()
    assert torch.equal(bank.centers, four.centers)


def test_a_row_lacking_one_of_two_labels_is_left_out(step):
    step.batch.score = torch.tensor([1.0, float("nan"), 3.0, 4.0])
    terms = {"count": Term(lambda expression, score: expression.sum() + score.sum())}
    step.batch.expression = torch.tensor([0, 1, 2, -1])
    assert Objective(terms)(step.prediction, step.batch)[0].item() == 0 + 1 + 2 + 3


def test_micro_batches_move_centers_as_one_batch(step, bank):
    objective = Objective({"center": center(), "dda": dda()}, bank)
    for rows in ([0, 1, 2], [3]):
        batch = Batch(["a"] * len(rows), torch.zeros(len(rows)), step.batch.expression[rows])
        objective(Prediction(step.feature[rows]), batch)[0].backward()
    objective.step_centers()
    expected = [[0.32072508459, 1.297471931057], [0.134136772764, -0.651143468096], [1.653700130967, 0.338261968109]]
    np.testing.assert_allclose(bank.centers, expected, rtol=1e-9)


def test_each_step_forgets_the_rows_of_the_last(step, bank):
    objective = Objective({"center": center()}, bank)
    for _ in range(2):
        objective(step.prediction, step.batch)
        objective.step_centers()
    # Two samples of class 0 halve nothing: each step goes alpha * 2 / 3 of the way to their mean.
    mean = step.feature[[0, 3]].mean(0).detach()
    expected = mean + (torch.tensor([0.5, 1.0], dtype=torch.float64) - mean) * (2 / 3) ** 2
    torch.testing.assert_close(bank.centers[0], expected, rtol=1e-12, atol=0)


def test_rows_of_an_evaluation_are_not_remembered(step, bank):
    objective = Objective({"center": center()}, bank).eval()
    objective(Prediction(torch.full((4, 2), 99.0)), step.batch)
    objective.train()
    objective(step.prediction, step.batch)
    objective.step_centers()
    np.testing.assert_allclose(bank.centers[0], [1 / 3, 1.25], rtol=1e-12)


def test_infinite_features_are_refused_before_they_spoil_the_centers(four, step, bank):
    objective = Objective({"center": center()}, bank)
    objective(Prediction(torch.full((4, 2), float("inf"))), step.batch)
    objective.step_centers()
    with pytest.raises(RunError, match="training has diverged"):
        objective.require_finite()
    assert torch.equal(bank.centers, four.centers)


def test_infinite_features_of_one_step_are_told_some_steps_later(step, bank):
    objective = Objective({"center": center()}, bank)
    spoiled = 3
    for number in range(1, STEPS_BETWEEN_CHECKS):
        objective(Prediction(step.feature * (float("inf") if number == spoiled else 1)), step.batch)
        objective.step_centers()
        assert bank.centers.isfinite().all()
    objective(step.prediction, step.batch)
    with pytest.raises(RunError, match="training has diverged"):
        objective.step_centers()


class Proxies(nn.Module):
    """A loss with parameters of its own, which takes over the precision of what it is given, as some libraries do."""

    def __init__(self):
        super().__init__()
        self.proxies = nn.Parameter(torch.ones(3, 2))

    def forward(self, feature, expression):
        self.proxies.data = self.proxies.data.to(feature.dtype)
        return (feature - self.proxies[expression]).square().mean()


def test_proxies_keep_their_precision_beside_half_precision_features(step):
    loss = Proxies()
    step.prediction.feature = step.prediction.feature.detach().bfloat16()
    Objective({"proxies": Term(loss)})(step.prediction, step.batch)
    assert loss.proxies.dtype == torch.float32


def test_proxies_have_a_gradient_without_a_labelled_row(step):
    """Or processes that average gradients would wait for each other forever."""
    loss = Proxies().double()
    step.batch.expression = torch.full((4,), -1)
    total, _ = Objective({"proxies": Term(loss)})(step.prediction, step.batch)
    total.backward()
    assert (loss.proxies.grad == 0).all()
    assert (step.feature.grad == 0).all()
