import numpy as np

from fercli.figures.screening import curves_figure, decision_figure
from fercli.scales import BDI_II
from fercli.screening.people import Scores

RNG = np.random.default_rng(0)
SCORE = RNG.integers(0, 50, 60).astype(float)
SCORES = Scores(SCORE, 0.8 * SCORE + 4 + RNG.normal(0, 4, 60), np.arange(60))


def test_every_cut_off_has_its_curves_and_its_dot():
    left, right = curves_figure(SCORES, [14, 29], BDI_II).axes
    assert [text.get_text() for text in left.get_legend().get_texts()] == [
        "BDI-II of 14 or more",
        "BDI-II of 29 or more",
    ]
    dots = [line for line in left.lines if line.get_marker() == "o"]
    positive, said = SCORE >= 14, SCORES.predicted >= 13.5
    assert (dots[0].get_xdata()[0], dots[0].get_ydata()[0]) == (said[~positive].mean(), said[positive].mean())
    dashed = [line.get_ydata()[0] for line in right.lines if line.get_linestyle() == "--"]
    assert dashed == [positive.mean(), (SCORE >= 29).mean()]


def test_acting_on_all_is_nothing_at_the_prevalence():
    figure = decision_figure(SCORES, [14], BDI_II)
    acting_on_all, nobody, predicted = figure.axes[0].lines
    prevalence = (SCORE >= 14).mean()
    assert abs(np.interp(prevalence, acting_on_all.get_xdata(), acting_on_all.get_ydata())) < 0.01
    assert set(nobody.get_ydata()) == {0}
    assert len(predicted.get_xdata()) == 99
