"""How soon the right class or image comes up in a ranking."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from fercli.reports.figure import OTHER_COLORS, horizontal_grid, new_figure, styled


@styled
def cmc_plot(curves: Mapping[str, np.ndarray], title: str = "") -> Figure:
    """Cumulative match characteristic: share of queries whose match is among the first k, a line for each name.

    Args:
        curves: name to (num_ranks,), as `fercli.metrics.retrieval.cmc` gives it.
        title: above the picture.

    Source: Lin 2021, figure 4-3.
    """
    figure, ((axes,),) = new_figure(width=4.8, height=3.6)
    for (name, curve), color in zip(curves.items(), OTHER_COLORS * len(curves), strict=False):
        ranks = np.arange(1, len(curve) + 1)
        marker = "o" if len(curve) <= 20 else None
        label = f"{name}: rank 1 {100 * curve[0]:.1f}%, area {100 * curve.mean():.1f}%"
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
