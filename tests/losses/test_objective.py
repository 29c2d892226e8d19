"""The objective on the four samples; totals were worked out in NumPy."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from fercli.batch import Batch
from fercli.errors import ConfigError, DataError
from fercli.fields import UNLABELLED
from fercli.losses.center import CenterBank, CenterLoss
from fercli.losses.dda import DDALoss
from fercli.losses.objective import Objective, Term
from fercli.losses.regular_face import RegularFaceLoss
from fercli.losses.sparse_center import SparseCenterLoss
from fercli.prediction import Prediction


def softmax(weight=1.0):
    return Term(nn.CrossEntropyLoss(), ["logits", "expression"], weight)


def center(weight=0.01):
    return Term(CenterLoss(), weight=weight)


def dda(weight=5.0, **options):
    return Term(DDALoss(**options), weight=weight)


class Pull(nn.Module):
    """A loss that reads nothing but the centers, as island loss does."""

    def forward(self, centers):
        return centers.square().sum()

    def center_step(self, centers):
        return 2 * centers


def test_softmax_loss(step):
    total, values = Objective({"cross_entropy": softmax()})(step.prediction, step.batch)
    assert total.item() == pytest.approx(0.844648818463230, rel=1e-9)
    assert values["cross_entropy"] == total
    each = nn.functional.cross_entropy(step.prediction.logits, step.batch.expression, reduction="none")
    assert each.tolist() == pytest.approx([0.494946962967, 1.236358903705, 0.914923919728, 0.732365487452], rel=1e-9)


def test_softmax_loss_of_uniform_scores():
    prediction = Prediction(torch.zeros(2, 1), torch.zeros(2, 7, dtype=torch.float64))
    batch = Batch(["a", "b"], torch.zeros(2, 1, 1, 1), torch.tensor([0, 6]))
    total, _ = Objective({"cross_entropy": softmax()})(prediction, batch)
    assert total.item() == pytest.approx(1.945910149055, rel=1e-9)


@pytest.mark.parametrize("unlabelled", [[], [1], [0, 3]])
def test_class_weights_are_normalized_over_the_labelled_rows(four, step, unlabelled):
    weight = torch.tensor([0.5, 1, 1], dtype=torch.float64)
    step.batch.expression[unlabelled] = -1
    terms = {"weighted": Term(nn.CrossEntropyLoss(weight), ["logits", "expression"])}
    total, _ = Objective(terms)(step.prediction, step.batch)
    z, y, w = step.prediction.logits.detach().numpy(), four.y.numpy(), weight.numpy()
    rows = [i for i in range(4) if i not in unlabelled]
    expected = -sum(w[y[i]] * (z[i, y[i]] - np.log(np.exp(z[i]).sum())) for i in rows) / sum(w[y[i]] for i in rows)
    assert total.item() == pytest.approx(expected, rel=1e-9)
    if not unlabelled:
        assert total.item() == pytest.approx(0.921646349547692, rel=1e-9)


@pytest.mark.parametrize(
    ("terms", "value"),
    [
        ({"center": center()}, 0.850586318463230),
        ({"center": center(), "dda": dda(4)}, 1.107833289478641),
        ({"center": center(), "dda": dda(5)}, 1.172145032232494),
        ({"center": center(), "dda": dda(5, reduction="mean_over_m")}, 0.930975996905546),
    ],
)
def test_totals(step, bank, terms, value):
    total, values = Objective({"cross_entropy": softmax(), **terms}, bank)(step.prediction, step.batch)
    assert total.item() == pytest.approx(value, rel=1e-9)
    assert values["cross_entropy"].item() == pytest.approx(0.844648818463230, rel=1e-9)
    assert values["center"].item() == pytest.approx(0.59375, rel=1e-9)


def test_feature_gradient_of_the_total(step, bank):
    terms = {"cross_entropy": softmax(), "center": center(), "dda": dda()}
    Objective(terms, bank)(step.prediction, step.batch)[0].backward()
    expected = [
        [0.265221826471, -0.181765580522],
        [0.192101909417, 0.111758765328],
        [-0.142688099227, 0.083458743928],
        [-0.065332024318, -0.194615989532],
    ]
    np.testing.assert_allclose(step.feature.grad, expected, rtol=1e-9)


def test_total_and_feature_gradient_of_dacl(four, step, bank):
    step.prediction.attention = four.attention
    sparse = Term(SparseCenterLoss(), weight=0.01)
    total, _ = Objective({"cross_entropy": softmax(), "sparse_center": sparse}, bank)(step.prediction, step.batch)
    assert total.item() == pytest.approx(0.847992568463230, rel=1e-9)
    total.backward()
    expected = [
        [-0.011416130802, -0.040489976913],
        [0.06436164613, -0.012713279307],
        [-0.029779257734, 0.073875],
        [-0.026711695127, -0.049427615279],
    ]
    np.testing.assert_allclose(step.feature.grad, expected, rtol=1e-9)


@pytest.mark.parametrize(("weight_of_center", "weight_of_dda"), [(0, 0), (0.01, 5), (3, 7)])
def test_classifier_gradient_does_not_see_the_metric_losses(four, step, bank, weight_of_center, weight_of_dda):
    weight, bias = four.weight.requires_grad_(), four.bias.requires_grad_()
    prediction = Prediction(step.feature, step.feature @ weight + bias)
    terms = {"cross_entropy": softmax(), "center": center(weight_of_center), "dda": dda(weight_of_dda)}
    Objective(terms, bank)(prediction, step.batch)[0].backward()
    by_weight = [[0.267016124103, -0.02678308583, -0.240233038273], [-0.458978210009, 0.429929428564, 0.029048781445]]
    np.testing.assert_allclose(weight.grad, by_weight, rtol=1e-9)
    np.testing.assert_allclose(bias.grad, [-0.058201094569, 0.022007617475, 0.036193477094], rtol=1e-9)
    assert bias.grad.sum().item() == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("weight", [0.01, 100])
def test_centers_step_by_their_own_rule_whatever_the_weights(step, bank, weight):
    objective = Objective({"cross_entropy": softmax(), "center": center(weight), "dda": dda(weight)}, bank)
    objective(step.prediction, step.batch)[0].backward()
    objective.step_centers()
    expected = [[0.32072508459, 1.297471931057], [0.134136772764, -0.651143468096], [1.653700130967, 0.338261968109]]
    np.testing.assert_allclose(bank.centers, expected, rtol=1e-9)


def test_a_term_of_weight_zero_does_nothing(step, bank):
    objective = Objective({"cross_entropy": softmax(), "center": center(), "dda": dda(0)}, bank)
    _, values = objective(step.prediction, step.batch)
    assert set(values) == {"cross_entropy", "center"}
    objective.step_centers()
    np.testing.assert_allclose(bank.centers, [[1 / 3, 1.25], [0.125, -0.625], [1.625, 0.375]], rtol=1e-12)


def trained(terms, centers):
    """Weights and centers after three steps of a small network."""
    torch.manual_seed(0)
    trunk = nn.Linear(5, 4)
    bank = CenterBank(3, 4) if centers else None
    head = nn.Linear(4, 3)
    objective = Objective(terms, bank)
    optimizer = torch.optim.SGD([*trunk.parameters(), *head.parameters()], lr=0.1, momentum=0.9)
    for _ in range(3):
        feature = trunk(torch.randn(6, 5))
        batch = Batch(list("abcdef"), torch.zeros(6), torch.randint(3, (6,)))
        optimizer.zero_grad()
        objective(Prediction(feature, head(feature)), batch)[0].backward()
        optimizer.step()
        objective.step_centers()
    return torch.cat([p.detach().flatten() for p in (*trunk.parameters(), *head.parameters())]), bank


def test_a_term_counts_only_after_its_warm_up(step, bank):
    late = Term(CenterLoss(), weight=0.5, warmup_epochs=2)
    objective = Objective({"cross_entropy": softmax(), "center": late}, bank)
    gradients = []
    for objective.epoch in range(4):
        total, values = objective(step.prediction, step.batch)
        counts = objective.epoch >= 2
        assert total.item() == pytest.approx((values["cross_entropy"] + 0.5 * counts * values["center"]).item())
        gradients.append(torch.autograd.grad(total, step.feature, retain_graph=True)[0])
    alone, _ = Objective({"cross_entropy": softmax()})(step.prediction, step.batch)
    torch.testing.assert_close(gradients[0], torch.autograd.grad(alone, step.feature)[0], rtol=0, atol=0)
    assert torch.equal(gradients[1], gradients[0])
    assert torch.equal(gradients[2], gradients[3])
    assert not torch.equal(gradients[2], gradients[1])


def test_without_metric_weights_training_is_that_of_softmax():
    plain, _ = trained({"cross_entropy": softmax()}, centers=False)
    reduced, bank = trained({"cross_entropy": softmax(), "center": center(0), "dda": dda(0)}, centers=True)
    assert torch.equal(plain, reduced)
    assert torch.equal(bank.centers, CenterBank(3, 4).centers)


def test_without_gamma_training_is_that_of_center_loss():
    expected, moved = trained({"cross_entropy": softmax(), "center": center()}, centers=True)
    reduced, bank = trained({"cross_entropy": softmax(), "center": center(), "dda": dda(0)}, centers=True)
    assert torch.equal(expected, reduced)
    assert torch.equal(moved.centers, bank.centers)
    assert not torch.equal(moved.centers, CenterBank(3, 4).centers)


def test_a_loss_of_the_centers_alone(four, step, bank):
    objective = Objective({"pull": Term(Pull(), weight=0.1)}, bank)
    total, _ = objective(step.prediction, step.batch)
    assert total.item() == pytest.approx(0.1 * four.centers.square().sum().item(), rel=1e-12)
    objective.step_centers()
    assert torch.equal(bank.centers, 0 * four.centers)  # c - 0.5 * 2 c


def test_parameters_of_a_loss_reach_the_optimizer():
    terms = {"proxy": Term(nn.Linear(2, 3), ["feature"]), "off": Term(nn.Linear(2, 3), ["feature"], weight=0)}
    assert {name for name, _ in Objective(terms).named_parameters()} == {"losses.proxy.weight", "losses.proxy.bias"}


def test_the_vectors_of_the_classes_are_read_as_they_are(step):
    """They have a row for each class, not for each sample; an unlabelled sample takes none of them away."""
    vectors = torch.tensor([[1.0, 0], [0.6, 0.8], [0, 1]], dtype=torch.float64, requires_grad=True)
    terms = {"turn": Term(RegularFaceLoss()), "pull": Term(Fields(), ["class_vectors", "expression"])}
    batch = replace(step.batch, expression=torch.tensor([0, UNLABELLED, 2, 0]))
    total, values = Objective(terms)(Prediction(step.feature, class_vectors=vectors), batch)
    assert values["turn"].item() == pytest.approx((0.6 + 0.8 + 0.8) / 3, rel=1e-12)
    assert values["pull"].item() == 3 + 3
    total.backward()
    assert vectors.grad.any()


class Fields(nn.Module):
    """The number of rows of what it reads, added up."""

    def forward(self, *fields):
        return torch.tensor(float(sum(map(len, fields))))


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({}, "expected a loss term with a weight other than 0, found none"),
        ({"dda": dda(0)}, "found dda, all of weight 0"),
        ({"a": Term(nn.MSELoss(), ["logit", "expression"])}, "loss 'a' reads 'logit'.*did you mean 'logits'"),
        (
            {"a": Term(nn.MSELoss(), ["logits", "votes"], rate=0)},
            "expected loss.a.rate, a factor of optimizer.lr, above 0; found 0",
        ),
        (
            {"a": Term(nn.MSELoss(), ["logits", "votes", "feature"])},
            r"loss 'a' reads logits, votes, feature, but its function takes \(input, target\)",
        ),
        ({"center": center()}, "loss 'center' reads the class centers, but there are none; add center_bank=he"),
    ],
)
def test_what_does_not_fit_is_refused_at_the_start(terms, message):
    with pytest.raises(ConfigError, match=message):
        Objective(terms)


@pytest.mark.parametrize(
    ("reads", "message"),
    [
        (["feature", "score"], "'score', which the data set does not give"),
        (["logits", "votes"], "the method does not produce"),
    ],
)
def test_a_missing_field_is_named(step, reads, message):
    objective = Objective({"a": Term(nn.MSELoss(), reads)})
    with pytest.raises(DataError, match=message):
        objective(Prediction(step.feature), step.batch)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (lambda logits: logits.sum(dim=1), r"found a tensor of shape \(\d+,\)"),
        (lambda logits: logits.sum()[None], r"found a tensor of shape \(1,\)"),
        (lambda logits: logits.sum().item(), "found float"),
        (lambda logits: None, "found NoneType"),
    ],
)
def test_a_loss_that_gives_no_single_tensor_is_told_with_its_name(step, value, found):
    with pytest.raises(ConfigError, match=f"^expected loss 'own' to give one number, .*; {found}$"):
        Objective({"own": Term(value, ["logits"])})(step.prediction, step.batch)


def test_an_objective_without_a_gradient_is_told_in_training_alone(step):
    feature = step.feature.detach().requires_grad_()
    objective = Objective({"own": Term(lambda feature: feature.detach().sum(), ["feature"])})
    with pytest.raises(ConfigError, match=r"^expected a loss with a gradient, found none in own: .*without detach"):
        objective(Prediction(feature), step.batch)
    with torch.no_grad():
        objective(Prediction(feature), step.batch)


@pytest.mark.parametrize(("value", "found"), [(torch.ones(3), "Tensor"), ("high", "str"), (None, "NoneType")])
def test_diagnostics_are_numbers(value, found):
    loss = nn.MSELoss()
    loss.diagnostics = lambda: {"level": torch.tensor(2.0)}
    objective = Objective({"own": Term(loss, ["feature", "affect"])})
    assert objective.diagnostics() == {"own_level": 2.0}
    loss.diagnostics = lambda: {"level": value}
    with pytest.raises(ConfigError, match=rf"diagnostics\(\) of loss 'own' .*; found level: {found}$"):
        objective.diagnostics()
