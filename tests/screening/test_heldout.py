import math

import numpy as np
import pytest

from fercli.scales import BDI_II
from fercli.screening.heldout import bands, half_width, half_widths, halves, one_of_each, probabilities
from fercli.screening.people import Scores


def people(rng, num_people, spread=6.0):
    """Sittings of people: one or two each, with errors that people share in part."""
    person = np.repeat(np.arange(num_people), rng.integers(1, 3, num_people))
    score = np.clip(rng.gamma(1.5, 10, len(person)).round(), 0, 63)
    errors = spread * (0.7 * rng.normal(size=num_people)[person] + 0.7 * rng.normal(size=len(person)))
    return Scores(score, score + errors, person)


def test_the_half_width_is_an_order_statistic():
    errors = np.array([3.0, -1, 2, -8, 5, 4, 7, -6, 9])
    assert half_width(errors, 0.9) == 9  # ceil(10 * 0.9) = 9th of nine
    assert half_width(errors, 0.5) == 5
    assert half_width(errors[:8], 0.9) == math.inf


def test_the_halves_part_people_and_each_gives_one_sitting():
    first = halves(11)
    assert first.sum() == 5
    person = np.array([0, 1, 1, 2, 2, 2])
    chosen = one_of_each(person)
    np.testing.assert_array_equal(person[chosen], [0, 1, 2])


def test_a_band_depends_on_the_errors_of_the_other_half_alone():
    scores = people(np.random.default_rng(0), 40)
    widths = half_widths(scores)
    first = halves(40)[scores.person]
    worse = scores.with_predicted(np.where(first, scores.predicted + 50, scores.predicted))
    again = half_widths(worse)
    np.testing.assert_array_equal(again[first], widths[first])
    assert (again[~first] > widths[~first] + 30).all()


def test_bands_cover_as_many_people_as_promised():
    """Over 400 samples of 60 people: 90 % of one sitting of each, within three standard errors of the simulation."""
    rng, shares = np.random.default_rng(0), []
    for _ in range(400):
        scores = people(rng, 60)
        low, high = bands(scores, half_widths(scores), BDI_II)
        covered = (low <= scores.score) & (scores.score <= high)
        shares.append(covered[one_of_each(scores.person, seed=7)].mean())
    error = np.std(shares) / math.sqrt(len(shares))
    assert 0.9 - 3 * error <= np.mean(shares) <= 0.9 + 1 / 31 + 3 * error  # at most 1 / (m + 1) above


def test_bands_are_cut_to_the_scale():
    scores = Scores(np.array([0.0, 60]), np.array([2.0, 59]), np.arange(2))
    low, high = bands(scores, np.array([5.0, 10]), BDI_II)
    assert (low.tolist(), high.tolist()) == ([0, 49], [7, 63])


def test_the_probability_by_a_loop_over_errors_of_the_other_half():
    scores = people(np.random.default_rng(2), 12)
    first, counts = halves(12)[scores.person], np.bincount(scores.person)
    for i, found in enumerate(probabilities(scores, 14)):
        reached, total = 0.0, 0.0
        for j in range(len(scores.score)):
            if first[i] != first[j]:
                weight = 1 / counts[scores.person[j]]
                total += weight
                reached += weight * (scores.predicted[i] + scores.score[j] - scores.predicted[j] >= 13.5)
        assert found == pytest.approx(reached / total, rel=1e-9)


def test_a_predicted_distribution_gives_the_probability():
    levels = np.array([[0.1, 0.2, 0.3, 0.4]])
    scores = Scores(np.array([2.0]), np.array([2.0]), np.zeros(1, int), levels)
    assert probabilities(scores, 2)[0] == pytest.approx(0.7)
    shifted = Scores(np.array([2.0]), np.array([2.0]), np.zeros(1, int), levels, offset=1.0)
    assert probabilities(shifted, 2)[0] == pytest.approx(0.4)


def test_one_person_has_no_probability():
    assert np.isnan(probabilities(Scores(np.array([2.0]), np.array([2.0]), np.zeros(1, int)), 14)).all()
