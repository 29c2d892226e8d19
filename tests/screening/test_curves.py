import numpy as np

from fercli.screening.curves import curve_rows, decision_curve
from fercli.screening.people import Scores

RNG = np.random.default_rng(0)
SCORE = RNG.integers(0, 40, 30).astype(float)
SCORES = Scores(SCORE, SCORE + RNG.normal(0, 8, 30), np.arange(30))
POSITIVE = SCORE >= 14


def test_a_perfect_probability_gains_the_prevalence_at_every_threshold():
    _, benefit, acting_on_all = decision_curve(POSITIVE, POSITIVE.astype(float))
    np.testing.assert_allclose(benefit, POSITIVE.mean(), rtol=1e-9)
    assert (acting_on_all <= benefit).all()


def test_all_points_are_rows():
    rows = list(curve_rows(SCORES, [14, 60]))
    assert {row["curve"] for row in rows if row["cutoff"] == 14} == {
        *("ROC", "precision-recall", "net benefit", "net benefit, acting on all"),
    }
    assert {row["curve"] for row in rows if row["cutoff"] == 60} == {"net benefit", "net benefit, acting on all"}
