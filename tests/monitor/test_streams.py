"""Drawn streams, and the rates of false alarms simulated again."""

import numpy as np
import pytest
from scipy.optimize import brentq

from fercli.monitor.patterns import entropy
from fercli.monitor.settings import Counts
from fercli.monitor.streams import false_alarms, noisy, stable

EACH_CLIP_ERRS_FOR_ITSELF = Counts(clip=1)


def test_errors_go_evenly_to_the_other_classes():
    seen = noisy(stable(60_000, 2), accuracy=0.7, num_classes=7)
    assert np.bincount(seen) / 60_000 == pytest.approx([0.05, 0.05, 0.7, 0.05, 0.05, 0.05, 0.05], abs=0.005)
    np.testing.assert_array_equal(noisy(stable(99, 2), 1.0, 7), stable(99, 2))


def stable_entropy(accuracy, num_classes=7):
    """Entropy of endlessly many predictions of one emotion, whose errors are spread evenly."""
    return entropy(np.array([accuracy, *[(1 - accuracy) / (num_classes - 1)] * (num_classes - 1)]))


def test_entropy_that_errors_alone_give_a_stable_mood():
    assert stable_entropy(0.8723) == pytest.approx(0.610798680587, abs=1e-12)
    reaching = brentq(lambda accuracy: stable_entropy(accuracy) - 0.69, 0.5, 0.99, xtol=1e-12)
    assert reaching == pytest.approx(0.850417519, abs=5e-10)


def test_false_alarms_without_and_with_persistence():
    """Windows overlap, so the draws hold some 5,000 of them that are independent."""
    rates = false_alarms([0.8723, 0.85, 0.7704], [1, 32], EACH_CLIP_ERRS_FOR_ITSELF)
    np.testing.assert_allclose(rates[:, 0], [0.20, 0.38, 0.90], atol=0.02)
    np.testing.assert_allclose(rates[:, 1], [0.057, 0.15, 0.73], atol=0.02)


def test_means_over_clips_remove_independent_errors_of_frames():
    assert false_alarms([0.7704], [1], Counts(), num_frames=20_000) == 0


def test_a_perfect_classifier_raises_no_false_alarm():
    assert false_alarms([1.0], [1], EACH_CLIP_ERRS_FOR_ITSELF, num_frames=1000) == 0
