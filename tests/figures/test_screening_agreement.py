import numpy as np

from fercli.figures.screening_agreement import band_figure, bland_altman_figure, calibration_figure
from fercli.scales import BDI_II
from fercli.screening.people import Scores

RNG = np.random.default_rng(0)
SCORE = RNG.integers(0, 50, 60).astype(float)
SCORES = Scores(SCORE, 0.8 * SCORE + 4 + RNG.normal(0, 4, 60), np.arange(60))


def test_groups_of_predictions_are_dots_with_whiskers():
    score, probability = calibration_figure(SCORES, [14], BDI_II).axes
    for panel in (score, probability):
        assert sum(line.get_marker() == "o" for line in panel.lines) == 6
    assert score.get_legend().get_texts()[0].get_text().startswith("slope 1.")


def test_limits_are_lines_with_their_intervals():
    (axes,) = bland_altman_figure(SCORES, [(0, 1), (None, None), (5, 9)], BDI_II).axes
    difference = SCORES.predicted - SCORE
    heights = [line.get_ydata()[0] for line in axes.lines]
    np.testing.assert_allclose(heights[0], difference.mean())
    np.testing.assert_allclose(heights[2] - heights[0], 1.959964 * difference.std(ddof=1), rtol=1e-6)
    assert len(axes.patches) == 2


def test_bands_that_miss_have_another_color():
    (axes,) = band_figure(SCORES, np.full(60, 6.0), BDI_II).axes
    held, missed = (len(lines.get_segments()) for lines in axes.collections)
    low, high = (SCORES.predicted - 6).clip(0, 63), (SCORES.predicted + 6).clip(0, 63)
    inside = ((low <= SCORE) & (high >= SCORE)).sum()
    assert (held, missed) == (inside, 60 - inside)
