"""How soon the right class or image comes up in a ranking."""

from collections.abc import Iterator, Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.classified import classified
from fercli.figures.figure import OTHER_COLORS, NamedFigure, horizontal_grid, new_figure, styled
from fercli.figures.needs import Needs
from fercli.metrics.ranks import class_ranks, cmc

NEEDS = Needs.PROBABILITIES
MOST_RANKS = 100


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the curve of classes by probability, and that of images by distance, where the evaluation has them."""
    columns, method = evaluated.evaluation.columns, evaluated.result["method"]
    rows = classified(columns)
    if rows is not None:
        ranks = class_ranks(rows.labels, rows.columns["probabilities"])
        curve = cmc(ranks, min(len(evaluated.evaluation.classes), MOST_RANKS))
        caption = "Share of samples whose class is among the k most probable ones"
        yield NamedFigure("cmc", caption, cmc_figure({method: curve}))
    if "query_rank" in columns:
        ranks = columns["query_rank"][~np.isnan(columns["query_rank"])]
        curve = cmc(ranks, min(MOST_RANKS, max(1, len(columns["id"]) - 1)))
        caption = "Share of queries with an image of their class among the k nearest"
        yield NamedFigure("retrieval_cmc", caption, cmc_figure({method: curve}))


@styled
def cmc_figure(curves: Mapping[str, np.ndarray], title: str = "") -> Figure:
    """Draw the cumulative match characteristic: share of queries with their match among the first k, a line a name.

    Args:
        curves: name to (num_ranks,), as `fercli.metrics.ranks.cmc` gives it.
        title: above the figure.

    Source: Lin 2021, figure 4-3.
    """
    figure, ((axes,),) = new_figure(width=4.8, height=3.6)
    for (name, curve), color in zip(curves.items(), OTHER_COLORS * len(curves), strict=False):
        ranks = np.arange(1, len(curve) + 1)
        marker = "o" if len(curve) <= 20 else None
        label = f"{name}\nrank 1 {100 * curve[0]:.1f}%, area {100 * curve.mean():.1f}%"
        axes.plot(ranks, curve, color=color, marker=marker, markersize=4, label=label)
    axes.set(xlabel="rank k", ylabel="matched within the first k", title=title)
    lowest = min(curve[0] for curve in curves.values())
    axes.set_ylim(max(0.0, lowest - 0.05), 1.01)
    axes.legend(loc="lower right", fontsize=8)
    axes.set_xlim(left=0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    horizontal_grid(axes)
    return figure
