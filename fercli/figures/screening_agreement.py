"""How far a predicted score can be trusted: calibration, limits of agreement, and score bands."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from scipy.stats import t

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.figure import BLUE, GRAY, ORANGE, NamedFigure, horizontal_grid, new_figure, styled, wide_legend
from fercli.figures.needs import Needs
from fercli.figures.severity import draw_severity_bands
from fercli.figures.shown import screened
from fercli.ops.severity import is_positive
from fercli.scales import Scale
from fercli.screening.agreement import calibration_groups, calibration_line, limits_of_agreement
from fercli.screening.heldout import COVERAGE, bands, half_widths, probabilities
from fercli.screening.people import Scores
from fercli.screening.screen import LIMITS
from fercli.screening.shares import share

NEEDS = Needs.PREDICTIONS
MOST_PANELS = 3


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield calibration, agreement and score bands of a run that predicts scores of several people."""
    if (found := screened(evaluated)) is None:
        return
    document, scores = found
    scale, cutoffs = evaluated.data.store.scale, [one["cutoff"] for one in document["cutoffs"]][:MOST_PANELS]
    caption = "Observed against predicted: the score, and the probability to reach each cut-off; whiskers: 95 %"
    yield NamedFigure("screening_calibration", caption, calibration_figure(scores, cutoffs, scale))
    limits = [(document["scores"][name]["low"], document["scores"][name]["high"]) for name in LIMITS]
    caption = "Bland-Altman: difference against mean of predicted and true score; shaded: 95 % intervals of the lines"
    yield NamedFigure("bland_altman", caption, bland_altman_figure(scores, limits, scale))
    widths = half_widths(scores)
    if np.isfinite(widths).all():
        caption = (
            f"Score bands for {100 * COVERAGE:.0f} % of the people, from the errors of the other half of the people"
        )
        yield NamedFigure("score_bands", caption, band_figure(scores, widths, scale))


@styled
def calibration_figure(scores: Scores, cutoffs: Sequence[float], scale: Scale) -> Figure:
    """Draw observed against predicted scores, and observed shares against predicted probabilities, in equal groups.

    Args:
        scores: of sittings.
        cutoffs: lowest whole scores that count as positive, a panel each.
        scale: of the scores.
    """
    defined = [one for one in cutoffs if not np.isnan(probabilities(scores, one)).any()]
    figure, axes = new_figure(1, 1 + len(defined), width=3.1 * (1 + len(defined)) + 0.5, height=3.5)
    _scores(axes[0, 0], scores, scale)
    for panel, cutoff in zip(axes[0, 1:], defined, strict=True):
        _probabilities(panel, scores, cutoff)
        panel.set_title(f"{cutoff:g} or more {scale.unit}")
    return figure


def _scores(axes: Axes, scores: Scores, scale: Scale) -> None:
    ends = [float(end(np.concatenate([scores.score, scores.predicted]))) for end in (np.min, np.max)]
    axes.plot(ends, ends, color=GRAY, linewidth=1, linestyle="--")
    axes.scatter(scores.predicted, scores.score, s=9, color=BLUE, alpha=0.4, linewidths=0)
    slope, intercept = calibration_line(scores.score, scores.predicted)
    if not np.isnan(slope):
        line = np.array([scores.predicted.min(), scores.predicted.max()])
        axes.plot(line, intercept + slope * line, color=ORANGE, linewidth=1.4, label=f"slope {slope:.2f}")
        axes.legend(fontsize=8.5, loc="upper left")
    for group in calibration_groups(scores.predicted):
        low, high = _mean_interval(scores.score[group], scores.person[group])
        _point(axes, scores.predicted[group].mean(), scores.score[group].mean(), low, high)
    axes.set(xlabel=f"predicted {scale.unit}", ylabel="observed", title="score")
    horizontal_grid(axes)


def _mean_interval(score: np.ndarray, person: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of a mean, from one mean for each person (Student's t)."""
    counts = np.bincount(person)
    means = np.bincount(person, score)[counts > 0] / counts[counts > 0]
    if len(means) < 2:
        return np.nan, np.nan
    half = t.ppf(0.975, len(means) - 1) * means.std(ddof=1) / np.sqrt(len(means))
    return score.mean() - half, score.mean() + half


def _probabilities(axes: Axes, scores: Scores, cutoff: float) -> None:
    positive, probability = is_positive(scores.score, cutoff), probabilities(scores, cutoff)
    axes.plot([0, 1], [0, 1], color=GRAY, linewidth=1, linestyle="--")
    for group in calibration_groups(probability):
        observed = share(positive[group], scores.person[group])
        _point(axes, probability[group].mean(), observed["value"], observed["low"], observed["high"])
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="predicted probability", ylabel="observed share")
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    horizontal_grid(axes)


def _point(axes: Axes, x: float, y: float, low: float, high: float) -> None:
    if not np.isnan(low):
        axes.plot([x, x], [low, high], color="#333333", linewidth=1.1)
    axes.plot(x, y, "o", color="#333333", markersize=5)


@styled
def bland_altman_figure(scores: Scores, intervals: Sequence[tuple[float | None, float | None]], scale: Scale) -> Figure:
    """Draw the difference of predicted and true score against their mean, with the limits of agreement.

    Args:
        scores: of sittings.
        intervals: ends of the 95 % intervals of bias, lower and upper limit; None for none.
        scale: of the scores.

    Source: Bland and Altman 1986, figure 2.
    """
    figure, ((axes,),) = new_figure(width=5.4, height=4.0)
    difference = scores.predicted - scores.score
    axes.scatter((scores.predicted + scores.score) / 2, difference, s=16, color=BLUE, alpha=0.65, linewidths=0)
    values = limits_of_agreement(difference, scores.person)
    for value, (low, high), style in zip(values, intervals, ("-", "--", "--"), strict=True):
        if low is not None and high is not None:
            axes.axhspan(low, high, color=ORANGE, alpha=0.14, linewidth=0)
        axes.axhline(value, color=ORANGE, linewidth=1.4, linestyle=style)
        axes.annotate(
            f"{value:+.1f}", (1, value), xycoords=("axes fraction", "data"), xytext=(3, 0),
            textcoords="offset points", va="center", fontsize=8.5, color="#333333",
        )  # fmt: skip
    axes.axhline(0, color="#333333", linewidth=0.8)
    axes.set(xlabel=f"mean of predicted and true {scale.unit}", ylabel="predicted minus true")
    horizontal_grid(axes)
    return figure


@styled
def band_figure(scores: Scores, widths: np.ndarray, scale: Scale) -> Figure:
    """Draw the score band of each sitting, ordered by the true score, over the bands of severity.

    Args:
        scores: of n sittings.
        widths: (n,) finite half widths.
        scale: of the scores.
    """
    figure, ((axes,),) = new_figure(width=6.2, height=4.0)
    low, high = bands(scores, widths, scale)
    order = np.argsort(scores.score, kind="stable")
    covered = (low <= scores.score) & (scores.score <= high)
    draw_severity_bands(axes, scale.low - 0.5, min(scale.high, max(high.max(), scores.score.max())) + 0.5, scale)
    places = np.arange(len(order))
    kinds = (BLUE, covered[order], "band holds the true score"), (ORANGE, ~covered[order], "it does not")
    for color, among, label in kinds:
        axes.vlines(places[among], low[order][among], high[order][among], color=color, linewidth=1.6, label=label)
    axes.plot(places, scores.score[order], ".", color="#333333", markersize=3, label="true score")
    axes.set(xlabel=f"{scores.unit}s, by true score", ylabel=scale.unit, xlim=(-1, 1.2 * len(order)), xticks=[])
    wide_legend(figure, axes.get_legend_handles_labels()[0], "outside upper center", ncols=3, fontsize=8.5)
    return figure
