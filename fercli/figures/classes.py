"""A classifier's result for each class: confusion matrix, recall, and how many images each class has."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fercli.engine.evaluation import EvaluatedRun
from fercli.errors import RunError
from fercli.figures.classified import classified
from fercli.figures.figure import GRAY, MOST_CLASSES, NamedFigure, class_colors, horizontal_grid, new_figure, styled
from fercli.figures.needs import Needs
from fercli.figures.rare_classes import rare, rare_among
from fercli.figures.shades import SHADES, color_bar, text_on
from fercli.figures.short_names import short_names
from fercli.metrics.classification import confusion_matrix
from fercli.metrics.shares import ends_of
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import classes_of, columns_of, read_predictions
from fercli.studies.aggregate import Results
from fercli.studies.grid import Plan
from fercli.studies.study import StudyRow
from fercli.tables.per_class import recall_intervals

NEEDS = Needs.PREDICTIONS
LONG = 24  # characters of a name with its number of images; longer ones are drawn at an angle
MOST_CLASSES_WITH_TEXT = 12  # with more classes, the numbers in the cells are too small to read


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the confusion matrix and recall where classes were predicted, and the number of images of each class."""
    classes, rows = evaluated.evaluation.classes, classified(evaluated.evaluation.columns)
    if rows is not None and len(classes) <= MOST_CLASSES:
        marked = rare(evaluated)
        caption = "Confusion matrix: rows are the true classes and add up to 100 %"
        caption += "; a dagger marks rare classes" if marked else ""
        yield NamedFigure("confusion_matrix", caption, confusion_matrix_figure(rows.matrix, classes, minority=marked))
        caption = f"Recall of each class with its 95 % interval over {rows.units_in_words}"
        ends = ends_of(recall_intervals(rows.columns, len(classes)))
        yield NamedFigure("class_recall", caption, class_recall_figure(rows.matrix, classes, ends))
    store = evaluated.data.store
    if 0 < len(store.classes) <= MOST_CLASSES:
        counts = {
            split: np.array([store.meta["counts"].get(split, {}).get(name, 0) for name in store.classes])
            for split in store.splits
        }
        yield NamedFigure("class_counts", "Images per class and split", class_counts_figure(counts, store.classes))


def of_study(results: Results) -> Iterator[NamedFigure]:
    """Yield the confusion matrix of each row, summed over its seeds; a page shows them side by side."""
    number = 0
    for row in results.plan.study.trained:
        frames = [
            found
            for path in results.folders(row.label).values()
            if (found := _predictions(RunFolder(path))) is not None
        ]
        frames = [frame for frame in frames if "predicted" in frame]  # a row may predict no classes
        if not frames:
            continue
        classes = classes_of(frames[0])
        matrix = sum(
            confusion_matrix(columns["expression"], columns["probabilities"]) for columns in map(_known, frames)
        )
        seeds = f"{len(frames)} seeds together" if len(frames) > 1 else "a single seed"
        marked = _rare_of_row(results.plan, row, classes)
        dagger = " A dagger marks rare classes." if marked else ""
        caption = f"Confusion matrix: {row.label} ({seeds}).{dagger}"
        number += 1
        drawn = confusion_matrix_figure(np.asarray(matrix), classes, marked, row.label)
        yield NamedFigure(f"confusion_matrix_{number}", caption, drawn)


def _rare_of_row(plan: Plan, row: StudyRow, classes: list[str]) -> list[str]:
    named = [metric.function.names for metric in plan.config.metrics.values() if metric.get("names_rare")]
    return rare_among(classes, named, plan.counts[plan.data_of[row.label]])


def _predictions(run: RunFolder) -> pd.DataFrame | None:
    try:
        return read_predictions(run)
    except RunError:
        return None


def _known(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    return columns_of(frame[frame["expression"].notna()])


@styled
def confusion_matrix_figure(
    matrix: np.ndarray, classes: Sequence[str], minority: Sequence[str] = (), title: str = ""
) -> Figure:
    """Draw a row-normalized confusion matrix with percent and count in each cell.

    Args:
        matrix: (K, K) counts, true class by row.
        classes: K names.
        minority: classes to mark with a dagger.
        title: above the figure.
    """
    totals = matrix.sum(axis=1, keepdims=True)
    share = np.divide(matrix, totals, out=np.zeros(matrix.shape), where=totals > 0)
    labels = short_names([f"{name} †" if name in minority else name for name in classes])
    side = max(4.0, 0.68 * len(classes) + 1.6) + 0.08 * max(0, max(map(len, labels), default=0) - 12)
    figure, ((axes,),) = new_figure(width=side + 0.6, height=side)
    image = axes.imshow(share, cmap=SHADES, vmin=0, vmax=1)
    axes.set_xticks(range(len(classes)), labels, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(classes)), labels)
    axes.tick_params(length=0)
    axes.set(xlabel="predicted", ylabel="true", title=title)
    axes.spines[:].set_visible(False)
    if len(classes) <= MOST_CLASSES_WITH_TEXT:
        for (row, column), value in np.ndenumerate(share):
            place = {"ha": "center", "color": text_on(value)}
            axes.text(column, row, f"{100 * value:.0f}%", va="bottom", fontsize=9.5, **place)
            axes.text(column, row, f"{matrix[row, column]:,}", va="top", fontsize=7, alpha=0.85, **place)
    color_bar(figure, image, axes, "share of the true class", format=PercentFormatter(1, decimals=0))
    return figure


@styled
def class_counts_figure(counts: Mapping[str, np.ndarray], classes: Sequence[str]) -> Figure:
    """Draw bars of the number of images per class, a panel for each split with its own scale.

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
def class_recall_figure(matrix: np.ndarray, classes: Sequence[str], ends: np.ndarray, title: str = "") -> Figure:
    """Draw bars of recall per class with 95 % intervals, and mean class accuracy as a line.

    Args:
        matrix: (K, K) counts, true class by row; a class without samples has no bar.
        classes: K names.
        ends: (2, K) lower and upper ends in [0, 1]; NaN where there is no interval.
        title: above the figure.
    """
    hits, totals = np.diagonal(matrix), matrix.sum(axis=1)
    present = totals > 0
    recall = np.divide(hits, totals, out=np.full(len(classes), np.nan), where=present)
    low, high = ends
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
    names = [f"{name}\nn = {total:,}" for name, total in zip(short_names(classes), totals, strict=True)]
    lean = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if max(map(len, names), default=0) > LONG else {}
    axes.set_xticks(range(len(classes)), names, fontsize=8.5, **lean)
    axes.tick_params(axis="x", length=0)
    axes.set(ylim=(0, 1.02), ylabel="recall", title=title)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    horizontal_grid(axes)
    return figure
