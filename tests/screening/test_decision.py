import numpy as np
import pytest

from fercli.screening.decision import net_benefit, treat_all

POSITIVE = np.array([True, True, True, False, False, False, False, False, False, False])
PROBABILITY = np.array([0.9, 0.5, 0.1, 0.6, 0.3, 0.2, 0.1, 0.0, 0.0, 0.0])


def test_the_net_benefit_by_hand():
    # From 30 % on: 2 true and 2 false positives of 10, and a false one weighs 0.3 / 0.7.
    assert net_benefit(POSITIVE, PROBABILITY, 0.3) == pytest.approx(2 / 10 - 2 / 10 * 3 / 7, rel=1e-9)
    assert net_benefit(POSITIVE, PROBABILITY, 0.95) == 0


def test_acting_on_all_and_on_nobody_are_predictions_of_1_and_0():
    for threshold in (0.1, 0.5, 0.8):
        everybody = net_benefit(POSITIVE, np.ones(10), threshold)
        assert treat_all(0.3, threshold) == pytest.approx(everybody, rel=1e-9)
        assert net_benefit(POSITIVE, np.zeros(10), threshold) == 0
    assert treat_all(0.3, 0.3) == pytest.approx(0, abs=1e-12)  # at the prevalence, acting on all gains nothing
