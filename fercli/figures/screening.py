"""Screening by a predicted score: ROC, precision against recall, and decision curves at each cut-off."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.figure import (
    BLUE,
    GRAY,
    OTHER_COLORS,
    NamedFigure,
    horizontal_grid,
    new_figure,
    styled,
    wide_legend,
)
from fercli.figures.needs import Needs
from fercli.figures.shown import screened
from fercli.ops.ranking_curves import precision_recall, receiver_operating
from fercli.ops.severity import is_positive
from fercli.scales import Scale
from fercli.screening.curves import decision_curve
from fercli.screening.heldout import probabilities
from fercli.screening.people import Scores

NEEDS = Needs.PREDICTIONS
MOST_PANELS = 4


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the curves of a run that predicts scores of several people."""
    if (found := screened(evaluated)) is None:
        return
    document, scores = found
    scale, cutoffs = evaluated.data.store.scale, [one["cutoff"] for one in document["cutoffs"]]
    curved = [
        one for one in cutoffs if is_positive(scores.score, one).any() and not is_positive(scores.score, one).all()
    ]
    if not curved:
        return
    caption = "Telling who reaches a cut-off, at every threshold of the predicted score; dot: the cut-off itself"
    yield NamedFigure("screening_curves", caption, curves_figure(scores, curved, scale))
    if not np.isnan(probabilities(scores, curved[0])).any():
        caption = (
            "Decision curves: net benefit of acting on a predicted probability, against acting on all and on nobody"
        )
        yield NamedFigure("screening_decision", caption, decision_figure(scores, curved[:MOST_PANELS], scale))


@styled
def curves_figure(scores: Scores, cutoffs: Sequence[float], scale: Scale) -> Figure:
    """Draw the ROC curve and the precision-recall curve of each cut-off; dashed: a constant predictor.

    Args:
        scores: of sittings, both positive and negative ones at each cut-off.
        cutoffs: lowest whole scores that count as positive.
        scale: of the scores.
    """
    figure, ((left, right),) = new_figure(1, 2, width=8.4, height=4.1)
    left.plot([0, 1], [0, 1], color=GRAY, linewidth=1, linestyle="--")
    for cutoff, color in zip(cutoffs, OTHER_COLORS, strict=False):
        positive = is_positive(scores.score, cutoff)
        said = is_positive(scores.predicted, cutoff)
        false_rate, rate = receiver_operating(positive, scores.predicted)
        left.plot(false_rate, rate, color=color, linewidth=1.6, label=f"{scale.name} of {cutoff:g} or more")
        left.plot(said[~positive].mean(), said[positive].mean(), "o", color=color, markersize=6)
        recall, precision = precision_recall(positive, scores.predicted)
        right.step(recall, precision, where="pre", color=color, linewidth=1.6)
        right.axhline(positive.mean(), color=color, linewidth=1, linestyle="--")
        if said.any():
            right.plot(said[positive].mean(), positive[said].mean(), "o", color=color, markersize=6)
    left.set(xlabel="1 - specificity", ylabel="sensitivity", title="ROC")
    right.set(xlabel="sensitivity (recall)", ylabel="positive predictive value", title="precision and recall")
    for axes in (left, right):
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        horizontal_grid(axes)
    left.legend(fontsize=8.5, loc="lower right")
    return figure


@styled
def decision_figure(scores: Scores, cutoffs: Sequence[float], scale: Scale) -> Figure:
    """Draw the net benefit against the threshold of the probability, a panel for each cut-off.

    Args:
        scores: of sittings.
        cutoffs: lowest whole scores that count as positive.
        scale: of the scores.

    Source: Vickers and Elkin 2006, figure 2.
    """
    figure, axes = new_figure(1, len(cutoffs), width=3.0 * len(cutoffs) + 0.8, height=3.5)
    for panel, cutoff in zip(axes[0], cutoffs, strict=True):
        positive = is_positive(scores.score, cutoff)
        thresholds, benefit, acting_on_all = decision_curve(positive, probabilities(scores, cutoff))
        panel.plot(thresholds, acting_on_all, color=GRAY, linewidth=1.4, label="act on all (treat all)")
        panel.axhline(0, color="#333333", linewidth=1, linestyle="--", label="act on nobody (treat none)")
        panel.plot(thresholds, benefit, color=BLUE, linewidth=1.6, label="act on the prediction")
        prevalence = float(positive.mean())
        panel.set(xlim=(0, 1), ylim=(min(-0.05, -0.3 * prevalence), 1.08 * prevalence))
        panel.set(xlabel="threshold of the probability", title=f"{cutoff:g} or more {scale.unit}")
        panel.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        panel.tick_params(labelsize=8.5)
        horizontal_grid(panel)
    axes[0, 0].set_ylabel("net benefit")
    wide_legend(figure, axes[0, 0].get_legend_handles_labels()[0], "outside lower center", ncols=3, fontsize=8.5)
    return figure
