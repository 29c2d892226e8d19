"""Histogram losses in training: pairs of one session, batches without pairs, embeddings ordered by score, options."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from fercli.errors import ConfigError
from fercli.losses.histogram import HistogramLevelsLoss, HistogramLoss

# Unit vectors at 0, 60, 90 and 180 degrees; the pairs are (01) (02) (03) (12) (13) (23).
ANGLES = torch.tensor([0, math.pi / 3, math.pi / 2, math.pi], dtype=torch.float64)
CIRCLE = torch.stack([ANGLES.cos(), ANGLES.sin()], 1)
SCORES = torch.tensor([0.0, 0, 10, 40], dtype=torch.float64)
FEATURES = torch.tensor([[1.3, 0.2], [0.4, 0.9], [-0.2, 0.7], [-1.1, 0.3]], dtype=torch.float64)


def loss_of(pos="gaussian", neg="linear", num_nodes=5):
    return HistogramLoss(pos, neg, num_nodes=num_nodes, exclude_same_session=False)


@pytest.mark.parametrize("scores", [[5, 5, 5], [0, 30, 63], [7]], ids=["one score", "far apart", "one sample"])
def test_a_batch_without_both_kinds_of_pairs_costs_nothing_and_is_counted(scores):
    loss = loss_of()
    x = torch.randn(len(scores), 4, generator=torch.Generator().manual_seed(0), requires_grad=True)
    for count in (1, 2):
        value = loss(x, torch.tensor(scores, dtype=torch.float32))
        value.backward()
        assert value.item() == 0
        assert not x.grad.any()
        assert loss.diagnostics()["degenerate_batches"] == count
    loss(CIRCLE.float(), SCORES.float())
    assert loss.num_degenerate == 2


def test_levels_need_two_levels():
    loss = HistogramLevelsLoss(exclude_same_session=False)
    assert loss(FEATURES, torch.full_like(SCORES, 3)).item() == 0
    assert loss.num_degenerate == 1


@pytest.fixture
def sittings():
    """Four samples of two scores; the first two are of one sitting."""
    return SimpleNamespace(score=torch.tensor([0.0, 0, 0, 40], dtype=torch.float64), session=torch.tensor([3, 3, 4, 5]))


def test_positive_pairs_of_one_session_are_left_out(sittings):
    loss = HistogramLoss(num_nodes=5)
    found = loss(CIRCLE, sittings.score, sittings.session)
    # Left are the positive similarities 0 and 0.8660, beside the negative ones -1, -0.5 and 0, all on or near nodes.
    positive = np.array([0, 0, 0.5, (1 - 0.7320508076) / 2, 0.7320508076 / 2])
    in_wrong_order = sum(positive[: node + 1].sum() / 3 for node in range(3))  # negatives: a third at each of 3 nodes
    assert found.item() == pytest.approx(in_wrong_order, abs=1e-9)
    assert found.item() != pytest.approx(loss_of("indicator", "indicator")(CIRCLE, sittings.score).item(), abs=1e-3)
    assert loss.diagnostics()["same_session_share"].item() == pytest.approx(1 / 3)
    assert loss.diagnostics()["same_session_batches"] == 0


@pytest.mark.parametrize("form", [HistogramLoss, HistogramLevelsLoss])
def test_positive_pairs_of_one_session_are_kept_and_counted_where_there_are_no_others(form):
    session = torch.tensor([3, 3, 4, 5])
    loss, plain = form(num_nodes=5), form(num_nodes=5, exclude_same_session=False)
    assert loss(CIRCLE, SCORES, session).item() == plain(CIRCLE, SCORES).item()
    assert {name: value.item() for name, value in loss.diagnostics().items()} == {
        "degenerate_batches": 0,
        "same_session_batches": 1,
        "same_session_share": 1,
    }
    loss(CIRCLE, torch.tensor([0.0, 10, 20, 30], dtype=torch.float64), session)  # no positive pair at all
    assert loss.num_same_session == 1


def test_samples_of_unknown_session_are_of_different_ones(sittings):
    unknown = HistogramLoss(num_nodes=5)(CIRCLE, sittings.score, torch.full((4,), -1))
    assert unknown.item() == loss_of("indicator", "indicator")(CIRCLE, sittings.score).item()


def test_counts_are_kept_with_the_weights():
    loss = loss_of()
    loss(FEATURES, torch.zeros_like(SCORES))
    again = loss_of()
    again.load_state_dict(loss.state_dict())
    assert again.num_degenerate == 1


def spearman(loss):
    """Rank correlation of cosine and negative gap in held-out pairs, after a linear embedding was trained."""
    rng = np.random.default_rng(0)
    score = torch.from_numpy(rng.integers(0, 64, size=240).astype(np.float32))
    bends = torch.stack([torch.sin(score / 20), torch.cos(score / 15), score / 63, torch.sin(score / 5)], 1)
    feature = torch.cat([bends, torch.zeros(240, 8)], 1) + 0.3 * torch.from_numpy(rng.normal(size=(240, 12))).float()
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(12, 32), torch.nn.ReLU(), torch.nn.Linear(32, 8))
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    for _ in range(150):
        rows = torch.from_numpy(rng.permutation(160)[:64])
        optimizer.zero_grad()
        loss(net(feature[rows]), score[rows]).backward()
        optimizer.step()
    with torch.no_grad():
        embedding = torch.nn.functional.normalize(net(feature[160:]))
    above = tuple(torch.triu_indices(80, 80, 1))
    gap = (score[160:, None] - score[160:]).abs()[above]
    return spearmanr((embedding @ embedding.T)[above], -gap).statistic


def test_the_label_aware_form_orders_embeddings_by_score():
    plain, label_aware = spearman(loss_of("indicator", "indicator", 101)), spearman(loss_of(num_nodes=101))
    assert label_aware > plain + 0.05
    assert label_aware > 0.6


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: HistogramLoss(pos_kernel="gausian"), "no pos_kernel .* named 'gausian'.*did you mean 'gaussian'"),
        (lambda: HistogramLoss(neg_kernel="gaussian"), "no neg_kernel .* named 'gaussian'"),
        (lambda: HistogramLoss(sigma=0), "expected sigma above 0 and eps of 0 or more, found 0 and 2"),
        (lambda: HistogramLoss(num_nodes=1), "expected num_nodes of a histogram of 2 or more, found 1"),
        (lambda: HistogramLevelsLoss(edges=()), r"ascend from above 0, found \[\]"),
        (lambda: HistogramLevelsLoss(edges=(0, 5)), r"ascend from above 0, found \[0, 5\]"),
        (lambda: HistogramLoss()(CIRCLE, SCORES), "does not read 'session'; add it to the reads"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()
