"""Losses of a severity score, ours and those that the yaml files take from libraries."""

from itertools import combinations, permutations
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.batch import Batch
from fercli.config import compose, instantiate
from fercli.errors import ConfigError, DataError
from fercli.losses.objective import Objective
from fercli.losses.score import ScoreCrossEntropy, ScoreEuclidean
from fercli.prediction import Prediction

NAMES = ["score_kl", "score_expectation", "score_mse", "score_l1", "score_euclidean", "score_cross_entropy"]
NAMES += ["score_contrastive", "score_triplet", "histogram", "label_aware_histogram", "histogram_levels"]
NAMES += ["histogram_margin"]
PREDICTED = torch.tensor([10.0, 20], dtype=torch.float64)
SCORES = torch.tensor([12.0, 17], dtype=torch.float64)


@pytest.fixture(scope="module")
def configured():
    cfg = compose("train", [f"loss=[{','.join(NAMES)}]", "head=label_distribution"])
    cfg.sizes.num_levels = 64
    return cfg.loss


def test_half_the_mean_squared_error():
    predicted = PREDICTED.clone().requires_grad_()
    loss = ScoreEuclidean()(predicted, SCORES)
    loss.backward()
    assert loss.item() == 3.25 == torch.nn.functional.mse_loss(PREDICTED, SCORES).item() / 2
    assert predicted.grad.tolist() == [-1, 1.5]
    assert ScoreEuclidean()(SCORES, SCORES).item() == 0


def test_scaled_labels():
    assert ScoreEuclidean(label_scale=63)(PREDICTED, SCORES).item() == pytest.approx(3.25 / 63**2, rel=1e-12)
    with pytest.raises(ConfigError, match="expected a label_scale above 0, found 0"):
        ScoreEuclidean(0)


@given(m=st.integers(1, 6), n=st.integers(2, 9), seed=st.integers(0, 999))
def test_loops_agree(m, n, seed):
    rng = np.random.default_rng(seed)
    z, y, predicted = rng.normal(size=(m, n)), rng.integers(n, size=m), rng.normal(size=m)
    entropy = -sum(z[i, y[i]] - np.log(np.exp(z[i]).sum()) for i in range(m)) / m
    half = sum((predicted[i] - y[i]) ** 2 for i in range(m)) / (2 * m)
    score = torch.from_numpy(y.astype(float))
    assert ScoreCrossEntropy(n)(torch.from_numpy(z), score).item() == pytest.approx(entropy, rel=1e-9)
    assert ScoreEuclidean()(torch.from_numpy(predicted), score).item() == pytest.approx(half, rel=1e-9)


def test_classes_are_whole_scores():
    loss = ScoreCrossEntropy(num_levels=46)
    loss.fit(SimpleNamespace(score=np.array([0, 45, np.nan])))
    with pytest.raises(DataError, match=r"whole points, found 4\.5"):
        loss.fit(SimpleNamespace(score=np.array([4.5])))
    with pytest.raises(ConfigError, match="scores of 46 levels, the head gives 64"):
        loss(torch.zeros(1, 64), torch.zeros(1))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scores", [[0, 0, 3, 3, 60], [5, 5, 5], [7], [0, 30, 63]], ids=str)
def test_no_batch_breaks_training(configured, name, scores):
    """As the yaml gives them, on what a head under autocast predicts."""
    term = instantiate(configured[name])
    random = torch.Generator().manual_seed(0)
    m = len(scores)
    feature = torch.randn(m, 8, generator=random).requires_grad_()
    logits = torch.randn(m, 64, generator=random).requires_grad_()
    predicted = torch.randn(m, generator=random).requires_grad_()
    prediction = Prediction(feature, score_logits=logits.bfloat16(), predicted_score=predicted)
    batch = Batch(
        list("abcde")[:m], torch.zeros(m), score=torch.tensor(scores, dtype=torch.float32), session=torch.arange(m)
    )
    total, _ = Objective({name: term})(prediction, batch)
    total.backward()
    assert total.isfinite()
    read = [value for value in (feature, logits, predicted) if value.grad is not None]
    assert len(read) == 1
    assert read[0].grad.isfinite().all()


@given(seed=st.integers(0, 999))
def test_library_losses_take_scores_as_classes(configured, seed):
    """Contrastive and triplet loss by loops; the library averages over what costs."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(6, 4)), rng.choice([0.0, 7.0, 63.0], 6)
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    distance = np.linalg.norm(unit[:, None] - unit, axis=2)
    positive = [distance[i, j] for i, j in combinations(range(6), 2) if y[i] == y[j]]
    negative = [1 - distance[i, j] for i, j in combinations(range(6), 2) if y[i] != y[j]]
    triplets = [
        distance[a, p] - distance[a, n] + 0.2 for a, p, n in permutations(range(6), 3) if y[a] == y[p] and y[a] != y[n]
    ]

    def mean_cost(costs):
        costs = [cost for cost in costs if cost > 0]
        return sum(costs) / len(costs) if costs else 0

    found = {name: instantiate(configured[name]).loss for name in ("score_contrastive", "score_triplet")}
    found = {name: loss(torch.from_numpy(x), torch.from_numpy(y)).item() for name, loss in found.items()}
    assert found["score_contrastive"] == pytest.approx(mean_cost(positive) + mean_cost(negative), rel=1e-6)
    assert found["score_triplet"] == pytest.approx(mean_cost(triplets), rel=1e-6)


def test_one_width_for_both_losses():
    """The label-aware kernel follows the width of the label distributions, where there are any."""
    both = compose(
        "train", ["loss=[score_kl,label_aware_histogram]", "head=label_distribution", "loss.score_kl.loss.sigma=3"]
    )
    assert both.loss.label_aware_histogram.loss.sigma == 3
    alone = compose("train", ["loss=[score_mse,label_aware_histogram]", "head=score"])
    assert alone.loss.label_aware_histogram.loss.sigma == 2
