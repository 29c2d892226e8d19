import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.errors import ConfigError
from fercli.losses.center import CenterBank, center_loss, center_step
from fercli.losses.island import EuclideanIslandLoss, IslandLoss, euclidean_island_penalty, island_penalty

CASE = {"m": st.integers(1, 6), "d": st.integers(1, 4), "k": st.integers(1, 4), "seed": st.integers(0, 999)}


def draw(m, d, k, seed):
    rng = np.random.default_rng(seed)
    return tuple(map(torch.from_numpy, (rng.normal(size=(m, d)), rng.integers(k, size=m), rng.normal(size=(k, d)))))


def planar(*rows):
    return torch.tensor(rows, dtype=torch.float64)


def island_loops(c):
    """The penalty, and the second term of the printed step without lambda_1."""
    k, length = len(c), np.linalg.norm(c, axis=1)
    penalty, step = 0.0, np.zeros_like(c)
    for j in range(k):
        for n in set(range(k)) - {j}:
            dot = c[n] @ c[j]
            penalty += dot / (length[n] * length[j]) + 1
            step[j] += (c[n] / (length[n] * length[j]) - dot / (length[n] * length[j] ** 3) * c[j]) / (k - 1)
    return penalty, step


def euclidean_loops(c, margin):
    """The penalty, and per center the mean over the others of its pull, (margin - distance) towards the other."""
    k, penalty, step = len(c), 0.0, np.zeros_like(c)
    for j in range(k):
        for n in set(range(k)) - {j}:
            distance = np.linalg.norm(c[n] - c[j])
            lacking = max(margin - distance, 0)
            penalty += lacking**2
            step[j] += lacking * (c[n] - c[j]) / distance / (k - 1)
    return penalty, step


@pytest.mark.parametrize(
    ("centers", "value"),
    [
        (planar([1, 0], [0, 1], [-1, 0]), 4),
        (planar([1, 0], [1, 1], [0, 2]), 8.8284271247),
        (planar([3, 0], [0.1, 0.1], [0, 200]), 8.8284271247),
        (torch.ones(7, 4), 84),
        (torch.eye(7), 42),
        (torch.eye(7) - 1 / 7, 35),
        (planar([0.5, 1], [0, -0.5], [1.5, 0.5]), 4.992903648339587),
        (planar([2, 3]), 0),
    ],
)
def test_penalty(centers, value):
    assert island_penalty(centers.double()).item() == pytest.approx(value, rel=1e-9)


def test_gradient_of_the_penalty_is_orthogonal_to_each_center():
    centers = planar([1, 0], [1, 1], [0, 2]).requires_grad_()
    island_penalty(centers).backward()
    np.testing.assert_allclose(centers.grad, [[0, 3.4142135624], [0, 0], [1.7071067812, 0]], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose((centers.grad * centers.detach()).sum(1), 0, atol=1e-12)


def test_second_term_of_the_step():
    centers = planar([1, 0], [1, 1], [0, 2])
    delta = IslandLoss(lambda_1=1).center_step(centers[:1], torch.tensor([0]), centers)  # a sample on its center
    np.testing.assert_allclose(delta, [[0, 0.8535533906], [0, 0], [0.4267766953, 0]], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("margin", "value"), [(2, 2), (5, 46.7544467966), (1, 0)])
def test_euclidean_penalty(margin, value):
    assert euclidean_island_penalty(planar([0, 0], [1, 0], [0, 3]), margin).item() == pytest.approx(value, rel=1e-9)


def test_coincident_centers_have_no_direction_to_part_in():
    centers = torch.ones(7, 4, dtype=torch.float64, requires_grad=True)
    penalty = euclidean_island_penalty(centers, 2)
    penalty.backward()
    assert penalty.item() == pytest.approx(168, rel=1e-12)
    assert not centers.grad.any()


@pytest.mark.parametrize("margin", [2, 5])
def test_the_margins_of_the_source_act_at_the_start_on_centers_of_length_1_alone(margin):
    """At the width of the source; the numbers are those of the docstring."""
    wen, he = (CenterBank(7, 1024, initial=initial).centers for initial in ("wen", "he"))
    assert torch.pdist(wen).mean().item() == pytest.approx(1.41, abs=0.02)
    assert 22.5 < torch.pdist(he).min() < torch.pdist(he).max() < 25.5
    alone = torch.empty(0, 1024), torch.empty(0, dtype=torch.int64)
    steps = [EuclideanIslandLoss(margin).center_step(*alone, centers) for centers in (wen, he)]
    assert (steps[0].norm(dim=1) > 0.1).all()
    assert not steps[1].any()


def test_two_near_centers_meet_the_margin_in_one_step():
    centers = planar([0, 0], [1, 0])
    delta = EuclideanIslandLoss(margin=4).center_step(centers, torch.tensor([0, 1]), centers)
    np.testing.assert_allclose(centers - 0.5 * delta, [[-1.5, 0], [2.5, 0]], rtol=1e-12)


@given(**CASE, lambda_1=st.floats(0, 10))
def test_loops_agree(m, d, k, seed, lambda_1):
    x, y, c = draw(m, d, k, seed)
    close = {"rtol": 1e-9, "atol": 1e-11}
    for loss, (penalty, push) in [
        (IslandLoss(lambda_1), island_loops(c.numpy())),
        (EuclideanIslandLoss(1.5, lambda_1), euclidean_loops(c.numpy(), 1.5)),
    ]:
        np.testing.assert_allclose(loss(x, y, c), center_loss(x, y, c).item() + lambda_1 * penalty, **close)
        np.testing.assert_allclose(loss.center_step(x, y, c), center_step(x, y, c).numpy() + lambda_1 * push, **close)


def test_reductions(three):
    fields, penalty = (three.x, three.y, three.centers), 2 * 1  # cosine 0 with the center at the origin
    assert IslandLoss(1, "sum")(*fields).item() == pytest.approx(17.5 + penalty, rel=1e-12)
    assert IslandLoss(1)(*fields).item() == pytest.approx(17.5 / 3 + penalty, rel=1e-12)


@pytest.mark.slow
@given(**CASE)
def test_gradients(m, d, k, seed):
    x, y, c = draw(m, d, k, seed)
    for loss in (IslandLoss(), EuclideanIslandLoss()):
        assert torch.autograd.gradcheck(lambda x, c, loss=loss: loss(x, y, c), (x.requires_grad_(), c.requires_grad_()))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: IslandLoss(-1), "lambda_1 of 0 or more, found -1"),
        (lambda: EuclideanIslandLoss(margin=-2), "margin of 0 or more, found -2"),
        (lambda: EuclideanIslandLoss(reduction="all"), "no reduction of the island loss named 'all'"),
    ],
)
def test_bad_options_are_refused(build, message):
    with pytest.raises(ConfigError, match=message):
        build()
