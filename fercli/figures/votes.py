"""The error of a classifier against the entropy of the annotators' votes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.figure import BLUE, GRAY, NamedFigure, horizontal_grid, new_figure, styled
from fercli.figures.needs import Needs
from fercli.tables.votes import range_in_words, units_in_words

NEEDS = Needs.PREDICTIONS


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the figure of runs that predict classes, on data with votes."""
    parts = (evaluated.evaluation.votes or {}).get("by_entropy", ())
    if len(parts) > 1:
        caption = "Wrong predictions by the entropy of the annotators' votes; bars: 95 % interval over "
        caption += units_in_words(parts)
        yield NamedFigure("votes_entropy", caption, entropy_figure(parts))


@styled
def entropy_figure(parts: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw the share of wrong predictions with its interval for each range of the entropy, above the number of images.

    Args:
        parts: as `fercli.engine.votes` gives them: `above`, `up_to`, `num_rows`, `value`, `low`, `high`.
    """
    figure, axes = new_figure(num_rows=2, width=5.2, height=4.4, same_axes=False)
    top, bottom = axes[:, 0]
    top.get_gridspec().set_height_ratios([3, 1])
    places = np.arange(len(parts))
    value, low, high = (np.array([part[name] for part in parts], dtype=float) for name in ("value", "low", "high"))
    spread = np.clip([value - low, high - value], 0, None)
    top.errorbar(places, value, yerr=spread, color=BLUE, marker="o", markersize=4, capsize=3, elinewidth=1.2)
    top.set(ylabel="wrong predictions", xticks=places, xticklabels=[], ylim=(0, None), xlim=(-0.5, len(parts) - 0.5))
    top.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    bottom.bar(places, [part["num_rows"] for part in parts], width=0.6, color=GRAY)
    words = [range_in_words(part).replace(" (", "\n(") for part in parts]
    bottom.set(ylabel="images", xlabel="entropy of the votes", xlim=(-0.5, len(parts) - 0.5))
    bottom.set_xticks(places, words, fontsize=8)
    for panel in (top, bottom):
        horizontal_grid(panel)
    return figure
