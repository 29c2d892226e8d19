"""How far the confidence of a classifier can be trusted."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.classified import classified
from fercli.figures.figure import BLUE, GRAY, ORANGE, NamedFigure, horizontal_grid, new_figure, styled
from fercli.figures.needs import Needs

NEEDS = Needs.PROBABILITIES


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the figure of runs that predict classes."""
    rows = classified(evaluated.evaluation.columns)
    if rows is not None:
        confidence = rows.columns["probabilities"].max(1)
        caption = "How often a prediction of a given confidence is right"
        yield NamedFigure("reliability", caption, reliability_figure(confidence, rows.predicted == rows.labels))


@styled
def reliability_figure(confidence: np.ndarray, correct: np.ndarray, num_bins: int = 15) -> Figure:
    """Draw accuracy against confidence in bins, with the expected calibration error, over a histogram of confidence.

    Args:
        confidence: (n,) probability of the predicted class, in [0, 1].
        correct: (n,) bool.
        num_bins: bins of equal width, closed on the right.

    Source: Guo et al. 2017, figure 1 and equation 3.
    """
    bins = np.clip(np.ceil(confidence * num_bins).astype(int) - 1, 0, num_bins - 1)
    counts = np.bincount(bins, minlength=num_bins)
    filled = counts > 0
    accuracy = np.bincount(bins, correct, minlength=num_bins)[filled] / counts[filled]
    mean_confidence = np.bincount(bins, confidence, minlength=num_bins)[filled] / counts[filled]
    ece = np.sum(counts[filled] * np.abs(accuracy - mean_confidence)) / len(confidence)
    figure, axes = new_figure(num_rows=2, width=4.2, height=4.8)
    top, bottom = axes[:, 0]
    top.get_gridspec().set_height_ratios([3, 1])
    centers = (np.arange(num_bins) + 0.5) / num_bins
    top.plot([0, 1], [0, 1], color=GRAY, linewidth=1, linestyle="--")
    top.bar(centers[filled], accuracy, width=0.9 / num_bins, color=BLUE)
    top.plot(mean_confidence, accuracy, "o", color=ORANGE, markersize=4)
    top.annotate(f"ECE {100 * ece:.1f}%", (0.03, 0.97), xycoords="axes fraction", va="top", fontsize=11, weight="bold")
    top.set(xlim=(0, 1), ylim=(0, 1), ylabel="accuracy", xticklabels=[])
    bottom.bar(centers, counts, width=0.9 / num_bins, color=GRAY)
    bottom.set(xlim=(0, 1), xlabel="confidence", ylabel="images")
    top.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    bottom.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    for panel in (top, bottom):
        horizontal_grid(panel)
    return figure
