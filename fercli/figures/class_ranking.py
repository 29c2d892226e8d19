"""How well the probability of each class tells its images from all others."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.classified import NUM_LARGEST, classified, largest_classes
from fercli.figures.figure import GRAY, NamedFigure, class_colors, horizontal_grid, new_figure, styled, wide_legend
from fercli.figures.needs import Needs
from fercli.metrics.affectnet import mean_auc, mean_auc_pr
from fercli.ops.ranking import area_under_roc, average_precision
from fercli.ops.ranking_curves import precision_recall, receiver_operating

NEEDS = Needs.PROBABILITIES


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the curves of runs that predict classes and saw more than one of them."""
    rows = classified(evaluated.evaluation.columns)
    if rows is None or len(set(rows.labels.tolist())) < 2:
        return
    classes = evaluated.evaluation.classes
    shown = f"Each of the {NUM_LARGEST} largest classes" if len(classes) > NUM_LARGEST else "Each class"
    caption = f"{shown} against all others, at every threshold of its probability; beside its name: the two areas"
    yield NamedFigure(
        "class_ranking", caption, class_ranking_figure(rows.labels, rows.columns["probabilities"], classes)
    )


@styled
def class_ranking_figure(labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]) -> Figure:
    """Draw the ROC curve and the precision-recall curve of each class, with the areas below them; dashed: chance.

    The means are over all classes with an image. Where there are many classes, the largest ones are drawn.

    Args:
        labels: (n,) class index, of two classes or more.
        probabilities: (n, K).
        classes: K names.

    Source: Mollahosseini et al. 2017, section 5.1, for the areas.
    """
    figure, ((left, right),) = new_figure(1, 2, width=8.4, height=4.9)
    colors = class_colors(classes)
    left.plot([0, 1], [0, 1], color=GRAY, linewidth=1, linestyle="--")
    lines = []
    for index in largest_classes(labels, len(classes)):
        positive, predicted = labels == index, probabilities[:, index]
        if positive.any():
            areas = f"{area_under_roc(positive, predicted):.3f} / {average_precision(positive, predicted):.3f}"
            label = f"{classes[index]}  {areas}"
            lines += left.plot(*receiver_operating(positive, predicted), color=colors[index], label=label)
            right.step(*precision_recall(positive, predicted), where="pre", color=colors[index])
    means = mean_auc(labels, probabilities), mean_auc_pr(labels, probabilities)
    left.set(xlabel="false positive rate", ylabel="recall", title=f"ROC, mean area {means[0]:.3f}")
    right.set(xlabel="recall", ylabel="precision", title=f"precision and recall, mean area {means[1]:.3f}")
    for axes in (left, right):
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        horizontal_grid(axes)
    wide_legend(figure, lines, "outside lower center", ncols=3, fontsize=8.5)
    return figure
