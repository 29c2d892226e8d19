import math

import numpy as np
import pytest

from fercli.screening.people import Scores
from fercli.screening.shares import (
    negative_predictive_value,
    positive_predictive_value,
    predictive_values,
    share,
    shares,
)

SCORE = np.array([3.0, 13, 14, 20, 30, 9, 16, 2])
PREDICTED = np.array([15.0, 13.4, 13.5, 25, 12, 8, 30, 1])
SCORES = Scores(SCORE, PREDICTED, np.arange(8))


def test_shares_are_those_of_a_loop():
    counts = dict.fromkeys(("tp", "fp", "fn", "tn"), 0)
    for true, said in zip(SCORE, PREDICTED, strict=True):
        counts[{(1, 1): "tp", (0, 1): "fp", (1, 0): "fn", (0, 0): "tn"}[true >= 14, said >= 13.5]] += 1
    found = shares(SCORES, 14)
    tp, fp, fn, tn = counts.values()
    expected = {
        "prevalence": (tp + fn) / 8,
        "sensitivity": tp / (tp + fn),
        "specificity": tn / (tn + fp),
        "ppv": tp / (tp + fp),
        "npv": tn / (tn + fn),
    }
    assert {name: one["value"] for name, one in found.items()} == pytest.approx(expected, rel=1e-9)
    assert found["sensitivity"]["num_sittings"] == tp + fn


def test_sittings_of_one_person_count_as_one():
    once, thrice = np.array([True, False, True]), np.repeat([True, False, True], 3)
    assert share(thrice, np.repeat(np.arange(3), 3))["low"] == share(once, np.arange(3))["low"]


def test_predictive_values_follow_bayes():
    assert positive_predictive_value(0.9, 0.8, 0.1) == pytest.approx(0.09 / (0.09 + 0.18), rel=1e-9)
    assert negative_predictive_value(0.9, 0.8, 0.1) == pytest.approx(0.72 / (0.72 + 0.01), rel=1e-9)
    assert math.isnan(positive_predictive_value(0.0, 1.0, 0.1))


def test_at_the_prevalence_of_the_sample_they_are_its_shares():
    of_sample, found = shares(SCORES, 14), predictive_values(SCORES, 14, 0.5)
    assert found["ppv"]["value"] == pytest.approx(of_sample["ppv"]["value"], rel=1e-9)
    assert found["npv"]["value"] == pytest.approx(of_sample["npv"]["value"], rel=1e-9)
    assert found["ppv"]["low"] < found["ppv"]["value"] < found["ppv"]["high"]


def test_their_intervals_hold_in_at_least_95_percent_of_samples():
    """30 positive and 40 negative people; sensitivity 0.8, specificity 0.9, so that the true value at 10 % is 0.47."""
    rng, truth, num_samples = np.random.default_rng(0), positive_predictive_value(0.8, 0.9, 0.1), 400
    score, person, hits = np.repeat([20.0, 5.0], [30, 40]), np.arange(70), 0
    for _ in range(num_samples):
        right = rng.random(70) < np.repeat([0.8, 0.9], [30, 40])
        predicted = np.where(right, score, 25 - score)
        found = predictive_values(Scores(score, predicted, person), 14, 0.1)["ppv"]
        hits += found["low"] <= truth <= found["high"]
    assert hits / num_samples >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / num_samples)
