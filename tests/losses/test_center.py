"""Center loss and center bank; the numbers were worked out in NumPy and agree with central differences."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.errors import ConfigError
from fercli.losses.center import CenterBank, CenterLoss, MovesCenters, center_loss, center_step

CASE = {"m": st.integers(1, 6), "d": st.integers(1, 4), "k": st.integers(1, 4), "seed": st.integers(0, 999)}


def draw(m, d, k, seed):
    rng = np.random.default_rng(seed)
    return tuple(map(torch.from_numpy, (rng.normal(size=(m, d)), rng.integers(k, size=m), rng.normal(size=(k, d)))))


def test_value(four):
    torch.testing.assert_close(center_loss(four.x, four.y, four.centers).item(), 0.59375, rtol=1e-12, atol=0)


def test_feature_gradient(four):
    x = four.x.requires_grad_()
    center_loss(x, four.y, four.centers).backward()
    expected = [[0.125, 0.25], [0.125, -0.125], [0.125, -0.125], [-0.375, 0.125]]
    np.testing.assert_allclose(x.grad, expected, rtol=1e-12)


def test_step(four, bank):
    delta = center_step(four.x, four.y, four.centers)
    np.testing.assert_allclose(delta, [[1 / 3, -0.5], [-0.25, 0.25], [-0.25, 0.25]], rtol=1e-12)
    bank.step(delta)
    np.testing.assert_allclose(bank.centers, [[1 / 3, 1.25], [0.125, -0.625], [1.625, 0.375]], rtol=1e-12)


def test_absent_classes_stand_still(four):
    delta = center_step(four.x, torch.zeros(4, dtype=torch.int64), four.centers)
    assert delta[1:].tolist() == [[0, 0], [0, 0]]
    assert (delta[0] != 0).all()


def test_the_sum_of_the_source(three):
    loss = CenterLoss("sum")(three.x, three.y, three.centers)
    loss.backward()
    assert loss.item() == pytest.approx(17.5, rel=1e-12)
    assert CenterLoss()(three.x, three.y, three.centers).item() == pytest.approx(17.5 / 3, rel=1e-12)
    assert three.x.grad.tolist() == [[1, 2], [3, 4], [-2, -1]]
    delta = CenterLoss("sum").center_step(three.x, three.y, three.centers)
    np.testing.assert_allclose(delta, [[-4 / 3, -2], [1, 0.5]], rtol=1e-12)
    np.testing.assert_allclose(three.centers - 0.5 * delta, [[2 / 3, 1], [0.5, 0.75]], rtol=1e-12)


@pytest.mark.parametrize(("num_samples", "share"), [(1, 0.25), (2, 1 / 3), (5, 5 / 12), (20, 10 / 21)])
def test_identical_samples_pull_their_center_by_a_known_share_of_the_way(num_samples, share):
    bank = CenterBank(2, 3).double()
    start, x = bank.centers[1].clone(), torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)
    bank.step(center_step(x.expand(num_samples, 3), torch.ones(num_samples, dtype=torch.int64), bank.centers))
    np.testing.assert_allclose(bank.centers[1] - start, share * (x - start), rtol=1e-12)


def test_features_on_their_centers_cost_nothing_and_pull_nothing(four):
    x = four.centers[four.y].requires_grad_()
    loss = center_loss(x, four.y, four.centers)
    loss.backward()
    assert loss.item() == 0
    assert not x.grad.any()
    assert not center_step(x.detach(), four.y, four.centers).any()


@given(**CASE)
def test_loops_agree(m, d, k, seed):
    x, y, centers = draw(m, d, k, seed)
    loss = sum(((x[i] - centers[y[i]]).numpy() ** 2).sum() for i in range(m)) / (2 * m)
    delta = np.zeros((k, d))
    for c in range(k):
        own = [i for i in range(m) if y[i] == c]
        delta[c] = sum((centers[c] - x[i]).numpy() for i in own) / (1 + len(own)) if own else 0
    np.testing.assert_allclose(center_loss(x, y, centers), loss, rtol=1e-9)
    np.testing.assert_allclose(center_step(x, y, centers), delta, rtol=1e-9, atol=1e-12)


@given(**CASE)
def test_gradient(m, d, k, seed):
    x, y, centers = draw(m, d, k, seed)
    assert torch.autograd.gradcheck(lambda x: center_loss(x, y, centers), x.requires_grad_())


@given(**CASE)
def test_invariances(m, d, k, seed):
    x, y, centers = draw(m, d, k, seed)
    loss, delta = center_loss(x, y, centers), center_step(x, y, centers)
    rows, classes, shift = torch.randperm(m), torch.randperm(k), torch.randn(d, dtype=torch.float64)
    turn = torch.linalg.qr(torch.randn(d, d, dtype=torch.float64)).Q
    renamed = torch.argsort(classes)[y]  # class classes[i] is called i
    for case, expected in [
        ((x[rows], y[rows], centers), delta),
        ((x + shift, y, centers + shift), delta),
        ((x @ turn, y, centers @ turn), delta @ turn),
        ((x, renamed, centers[classes]), delta[classes]),
    ]:
        torch.testing.assert_close(center_loss(*case), loss, rtol=1e-9, atol=1e-12)
        torch.testing.assert_close(center_step(*case), expected, rtol=1e-9, atol=1e-12)


def test_a_batch_twice_costs_the_same(four):
    twice = center_loss(four.x.repeat(2, 1), four.y.repeat(2), four.centers)
    torch.testing.assert_close(twice, center_loss(four.x, four.y, four.centers), rtol=1e-12, atol=0)


def test_half_precision_features_are_widened(four):
    x = torch.tensor([[1000.0, 0.0]], dtype=torch.float16)
    assert center_loss(x, torch.tensor([0]), torch.zeros(1, 2)).item() == 500_000
    assert center_step(x, torch.tensor([0]), torch.zeros(1, 2)).tolist() == [[-500, 0]]


def test_the_loss_moves_centers():
    assert isinstance(CenterLoss(), MovesCenters)
    assert not isinstance(torch.nn.CrossEntropyLoss(), MovesCenters)


def test_the_bank_is_saved_but_not_optimized():
    bank = CenterBank(3, 2)
    assert list(bank.state_dict()) == ["centers"]
    assert not list(bank.parameters())


def test_the_bank_starts_with_he_variance_over_classes():
    assert CenterBank(7, 100_000).centers.std().item() == pytest.approx((2 / 7) ** 0.5, rel=0.01)


@pytest.mark.parametrize("dim", [64, 1024])
@pytest.mark.parametrize("per_class", [1, 10])
def test_the_bank_of_wen_starts_with_centers_of_length_1(dim, per_class):
    centers = CenterBank(7, dim, per_class=per_class, initial="wen").centers.reshape(-1, dim)
    assert centers.shape == (7 * per_class, dim)
    assert centers.abs().max() <= (3 / dim) ** 0.5
    lengths = centers.norm(dim=1)
    assert lengths.mean().item() == pytest.approx(1, abs=0.05)
    assert torch.pdist(centers).mean().item() == pytest.approx(2**0.5, abs=0.05)


def test_the_bank_leaves_the_random_stream_of_the_network_alone():
    torch.manual_seed(0)
    expected = torch.randn(3)
    torch.manual_seed(0)
    bank = CenterBank(3, 2, seed=5)
    assert torch.equal(torch.randn(3), expected)
    assert torch.equal(bank.centers, CenterBank(3, 2, seed=5).centers)
    assert not torch.equal(bank.centers, CenterBank(3, 2, seed=6).centers)


def test_several_centers_for_each_class():
    bank = CenterBank(num_classes=3, dim=5, per_class=4)
    assert bank.centers.shape == (3, 4, 5)
    assert len(bank.centers.flatten(0, 1).unique(dim=0)) == 12
    assert torch.equal(CenterBank(3, 5, per_class=1).centers, CenterBank(3, 5).centers)


def test_several_centers_are_refused_where_one_is_read(four):
    several = torch.zeros(3, 4, 2)
    for function in (center_loss, center_step):
        with pytest.raises(ConfigError, match=r"one center per class, found 4.*center_bank=he"):
            function(four.x, four.y, several)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: CenterBank(3, 2, alpha=-1), "alpha of 0 or more, found -1"),
        (lambda: CenterBank(3, 2, per_class=0), "per_class.*1 or more; found 0"),
        (lambda: CenterBank(3, 2, initial="xavier"), "no center_bank.initial named 'xavier'; choices: he, wen"),
        (lambda: CenterLoss("som"), "no reduction of the center loss named 'som'.*did you mean 'sum'"),
    ],
)
def test_bad_options_are_refused(build, message):
    with pytest.raises(ConfigError, match=message):
        build()
