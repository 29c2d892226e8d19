"""Pictures of a classifier's result per class: confusion matrix, recall, and how many images each class has."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fercli.reports.figure import GRAY, class_colors, horizontal_grid, new_figure, styled
from fercli.reports.tables import wilson_interval

MOST_CLASSES_WITH_TEXT = 12  # more numbers than this a side cannot be read


@styled
def confusion_matrix_plot(
    matrix: np.ndarray, classes: Sequence[str], minority: Sequence[str] = (), title: str = ""
) -> Figure:
    """Row-normalized confusion matrix with percent and count in each cell.

    Args:
        matrix: (K, K) counts, true class by row.
        classes: K names.
        minority: classes to mark with a dagger.
        title: above the picture.
    """
    totals = matrix.sum(axis=1, keepdims=True)
    share = np.divide(matrix, totals, out=np.zeros(matrix.shape), where=totals > 0)
    side = max(4.0, 0.68 * len(classes) + 1.6)
    figure, ((axes,),) = new_figure(width=side + 0.6, height=side)
    image = axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    labels = [f"{name} †" if name in minority else name for name in classes]
    axes.set_xticks(range(len(classes)), labels, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(classes)), labels)
    axes.tick_params(length=0)
    axes.set(xlabel="predicted", ylabel="true", title=title)
    axes.spines[:].set_visible(False)
    if len(classes) <= MOST_CLASSES_WITH_TEXT:
        for (row, column), value in np.ndenumerate(share):
            color = "white" if value > 0.55 else "#222222"
            place = {"ha": "center", "color": color}
            axes.text(column, row, f"{100 * value:.0f}%", va="bottom", fontsize=9.5, **place)
            axes.text(column, row, f"{matrix[row, column]:,}", va="top", fontsize=7, alpha=0.85, **place)
    bar = figure.colorbar(image, ax=axes, format=PercentFormatter(1, decimals=0), shrink=0.7, aspect=28)
    bar.outline.set_visible(False)
    bar.set_label("share of the true class")
    return figure


@styled
def class_counts_plot(counts: Mapping[str, np.ndarray], classes: Sequence[str]) -> Figure:
    """Bars of the number of images per class, a panel for each split with its own scale.

    Args:
        counts: split name to (K,) counts.
        classes: K names.
    """
    panel = max(3.0, 0.42 * len(classes) + 0.8)
    figure, (row,) = new_figure(num_columns=len(counts), width=panel * len(counts), height=3.2)
    for axes, (split, numbers) in zip(row, counts.items(), strict=True):
        bars = axes.bar(range(len(classes)), numbers, color=class_colors(classes), width=0.75)
        axes.bar_label(bars, labels=[f"{n:,}" for n in numbers], fontsize=8, padding=2)
        axes.set_xticks(range(len(classes)), classes, rotation=40, ha="right", rotation_mode="anchor")
        axes.tick_params(axis="x", length=0)
        axes.set_title(f"{split}: {sum(numbers):,} images")
        axes.margins(y=0.12)
        horizontal_grid(axes)
    row[0].set_ylabel("images")
    return figure


@styled
def class_recall_plot(matrix: np.ndarray, classes: Sequence[str], title: str = "") -> Figure:
    """Bars of recall per class with 95 % Wilson intervals, and mean class accuracy as a line.

    Args:
        matrix: (K, K) counts, true class by row; a class without samples has no bar.
        classes: K names.
        title: above the picture.
    """
    hits, totals = np.diagonal(matrix), matrix.sum(axis=1)
    present = totals > 0
    recall = np.divide(hits, totals, out=np.full(len(classes), np.nan), where=present)
    low, high = wilson_interval(hits, totals)
    figure, ((axes,),) = new_figure(width=max(4.0, 0.75 * len(classes) + 1), height=3.6)
    axes.bar(range(len(classes)), np.nan_to_num(recall), color=class_colors(classes), width=0.7)
    reach = np.abs(np.stack([recall - low, high - recall]))
    axes.errorbar(range(len(classes)), recall, yerr=reach, fmt="none", ecolor="#333333", elinewidth=1.2, capsize=3)
    mean = recall[present].mean()
    axes.axhline(mean, color=GRAY, linewidth=1, linestyle="--", zorder=0)
    axes.annotate(
        f"dashed: mean class accuracy {100 * mean:.1f}%",
        (1, 1.0),
        xycoords="axes fraction",
        ha="right",
        va="bottom",
        fontsize=9,
    )
    names = [f"{name}\nn = {total:,}" for name, total in zip(classes, totals, strict=True)]
    axes.set_xticks(range(len(classes)), names, fontsize=8.5)
    axes.tick_params(axis="x", length=0)
    axes.set(ylim=(0, 1.02), ylabel="recall", title=title)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    horizontal_grid(axes)
    return figure
