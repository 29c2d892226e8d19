"""Pictures of a training over its epochs, and of how far confidence can be trusted."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from fercli.facts import PERCENT
from fercli.reports.figure import BLUE, GRAY, ORANGE, OTHER_COLORS, horizontal_grid, new_figure, styled

DIAGNOSTICS = ("_attention", "_entropy", "_batches", "_share")  # ends of what is logged beside the losses


@styled
def training_curves_plot(history: Mapping[str, np.ndarray], units: Mapping[str, str]) -> Figure:
    """Losses, metrics and learning rate over epochs, from the columns of `history.csv`.

    Args:
        history: `epoch`, `lr`, `train/<term>`, `val/<metric>` to (num_epochs,); NaN where nothing was logged. Panels
            without a column are left out.
        units: metric to unit. Metrics of one unit share a panel; shares in percent and numbers without a unit are
            fractions here, and share one.
    """
    validation = defaultdict(list)
    for name in history:
        if name.startswith("val/"):
            unit = units.get(name.partition("/")[2], "")
            validation["validation" if unit in ("", PERCENT) else f"validation, {unit}"].append(name)
    panels = {
        "training loss": [name for name in history if name.startswith("train/") and not name.endswith(DIAGNOSTICS)],
        "diagnostics": [name for name in history if name.startswith("train/") and name.endswith(DIAGNOSTICS)],
        **dict(sorted(validation.items())),
        "learning rate": [name for name in history if name == "lr"],
    }
    panels = {title: names for title, names in panels.items() if names}
    figure, (row,) = new_figure(num_columns=max(1, len(panels)), width=4.2 * max(1, len(panels)), height=3.2)
    epochs = np.asarray(history["epoch"], dtype=float)
    for axes, (title, names) in zip(row, panels.items(), strict=False):
        for name, color in zip(names, OTHER_COLORS * len(names), strict=False):
            values = np.asarray(history[name], dtype=float)
            known = ~np.isnan(values)
            marker = "o" if known.sum() < 3 else None  # one or two points make no line
            axes.plot(epochs[known], values[known], color=color, label=name.partition("/")[2] or name, marker=marker)
        if len(names) > 1:
            axes.legend(fontsize=8)
        axes.set(title=title, xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        horizontal_grid(axes)
    return figure


@styled
def reliability_plot(confidence: np.ndarray, correct: np.ndarray, num_bins: int = 15) -> Figure:
    """Accuracy against confidence in bins, with the expected calibration error, over a histogram of confidence.

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
