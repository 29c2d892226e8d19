"""Gaussian label distributions; the numbers were worked out in NumPy."""

import math
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.errors import DataError
from fercli.ops.score_distribution import expectation, require_levels, score_distribution

SIGMAS = (0.5, 1, 2, 3, 5)
LEVEL = torch.arange(64, dtype=torch.float64)


def distribution(score, sigma=2.0, num_levels=64):
    return score_distribution(torch.tensor(score, dtype=torch.float64), num_levels, sigma)


@pytest.mark.parametrize("sigma", SIGMAS)
def test_every_label_has_a_distribution_around_it(sigma):
    p = distribution(list(range(64)), sigma)
    np.testing.assert_allclose(p.sum(1), 1, rtol=1e-12)
    assert (p >= 0).all()
    assert p.argmax(1).tolist() == list(range(64))
    torch.testing.assert_close(p, p.flip((0, 1)), rtol=1e-12, atol=1e-300)  # p(y)[k] = p(63 - y)[63 - k]


def test_label_10():
    p = distribution(10)
    expected = [0.1209853692, 0.1760326734, 0.1994711516, 0.1760326734, 0.1209853692]
    np.testing.assert_allclose(p[8:13], expected, atol=5e-11)
    mean = expectation(p)
    assert mean.item() == pytest.approx(10.0000006306, abs=5e-11)
    assert (p * (LEVEL - mean).square()).sum().item() == pytest.approx(3.9999932514, abs=5e-11)
    assert -torch.xlogy(p, p).sum().item() == pytest.approx(2.1120848132, abs=5e-11)


def test_labels_near_the_ends_have_their_mean_inside():
    expected = [0.3325984820, 0.2935171301, 0.2017311767, 0.1079789178, 0.0450123098]
    np.testing.assert_allclose(distribution(0)[:5], expected, atol=5e-11)
    assert expectation(distribution(0)).item() == pytest.approx(1.3023201411, abs=5e-11)
    found = expectation(distribution([63, 5, 10]))
    np.testing.assert_allclose(found, [61.6977, 5.0170, 10.0000006], atol=5e-5)


@pytest.mark.parametrize("score", [0, 20, 63])
def test_a_narrow_distribution_is_one_level(score):
    assert torch.equal(distribution(score, sigma=1e-3), torch.eye(64, dtype=torch.float64)[score])


@pytest.mark.parametrize(("gap", "divergence"), [(1, 0.125), (2, 0.5), (5, 3.125), (10, 12.5)])
def test_divergence_of_two_labels(gap, divergence):
    p, q = distribution(20), distribution(20 + gap)
    # The closed form d^2 / (2 sigma^2) is that of whole Gaussians: 1e-9 of them lie beyond the ends.
    assert (p * (p.log() - q.log())).sum().item() == pytest.approx(divergence, rel=1e-9)


def test_a_uniform_distribution_has_its_mean_in_the_middle():
    assert expectation(torch.full((64,), 1 / 64, dtype=torch.float64)).item() == pytest.approx(31.5, rel=1e-12)


@given(n=st.integers(2, 70), score=st.floats(0, 60), sigma=st.sampled_from(SIGMAS))
def test_loops_agree(n, score, sigma):
    score = min(score, n - 1)
    weights = [math.exp(-((k - score) ** 2) / (2 * sigma**2)) for k in range(n)]
    p = distribution(score, sigma, n)
    np.testing.assert_allclose(p, np.array(weights) / sum(weights), rtol=1e-9, atol=1e-300)
    assert expectation(p).item() == pytest.approx(sum(k * w for k, w in enumerate(weights)) / sum(weights), rel=1e-9)


@given(num_clips=st.integers(1, 8), seed=st.integers(0, 999))
def test_the_mean_over_clips_may_be_taken_before_or_after(num_clips, seed):
    clips = torch.randn(num_clips, 64, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).softmax(1)
    before, after = expectation(clips).mean(), expectation(clips.mean(0))
    assert after.item() == pytest.approx(before.item(), rel=1e-12)
    order = torch.randperm(num_clips)
    torch.testing.assert_close(expectation(clips[order].repeat(2, 1).mean(0)), after, rtol=1e-12, atol=0)


def test_the_mean_over_clips_of_the_most_likely_level_is_another_thing():
    clips = torch.tensor([[0.6, 0.4, 0], [0.55, 0, 0.45], [0, 0.3, 0.7]])
    assert clips.argmax(1).float().mean() != clips.mean(0).argmax()


def test_whole_scores_are_widened():
    assert score_distribution(torch.tensor([3]), 8, 2.0).dtype == torch.float32
    assert score_distribution(torch.tensor([3.0], dtype=torch.bfloat16), 8, 2.0).dtype == torch.float32


@pytest.mark.parametrize(
    ("score", "whole", "message"),
    [
        ([3, np.nan, 64], False, r"scores in \[0, 63\], found 64 in the training rows; make head.num_levels fit"),
        ([-1, 3], True, r"scores in \[0, 63\], found -1"),
        ([3, 4.5, np.nan], True, r"whole points, found 4.5 .* use loss score_kl"),
    ],
)
def test_scores_that_are_no_levels_are_refused(score, whole, message):
    with pytest.raises(DataError, match=message):
        require_levels(np.array(score, dtype=float), 64, whole)


@pytest.mark.parametrize(
    ("score", "whole", "passes"),
    [
        (0, True, True),
        (63, True, True),
        (np.nan, True, True),
        (62.5, False, True),
        (62.5, True, False),
        (63.5, False, False),
    ],
)
def test_levels_end_with_the_highest_score(score, whole, passes):
    with nullcontext() if passes else pytest.raises(DataError):
        require_levels(np.array([score], dtype=float), 64, whole)
