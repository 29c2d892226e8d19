"""Label mix and accuracy by age."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.classified import classified
from fercli.figures.figure import (
    BLUE,
    GRAY,
    MOST_CLASSES,
    NamedFigure,
    class_colors,
    horizontal_grid,
    new_figure,
    styled,
)
from fercli.figures.needs import Needs
from fercli.metrics.metric import Columns
from fercli.metrics.shares import ends_of, shares_by_group
from fercli.samplers.age import DECADES

NEEDS = Needs.PREDICTIONS


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the figure of runs that predict classes for faces of known age."""
    classes, rows = evaluated.evaluation.classes, classified(evaluated.evaluation.columns)
    age = None if rows is None else rows.columns.get("age")
    if rows is not None and age is not None and not np.isnan(age).all() and len(classes) <= MOST_CLASSES:
        drawn = age_figure(age, rows.columns, rows.predicted == rows.labels, classes)
        caption = f"Classes and accuracy by age, with 95 % intervals over {rows.units_in_words}"
        yield NamedFigure("age", caption, drawn)


@styled
def age_figure(
    age: np.ndarray, columns: Columns, correct: np.ndarray, classes: Sequence[str], edges: Sequence[int] = DECADES
) -> Figure:
    """Draw the share of each class in each age group, and accuracy in each group with its 95 % interval.

    Args:
        age: (n,) years; rows of unknown age (NaN), or below the first edge, are left out and counted in the figure.
        columns: `expression` (n,), the class index, and those that name subjects and videos.
        correct: (n,) bool, whether the class was predicted.
        classes: K names.
        edges: whole years, ascending, at which a group begins, as in the age sampler; the last group has no end.

    Source: Antoniadis 2021, section 5.3.1, which names no groups.
    """
    known = age >= edges[0]  # false for NaN
    group = np.digitize(age[known], edges) - 1
    counts = np.zeros((len(edges), len(classes)), dtype=int)
    columns = {name: column[known] for name, column in columns.items()}
    np.add.at(counts, (group, columns["expression"]), 1)
    totals = counts.sum(1)
    hits = np.bincount(group, correct[known], minlength=len(edges)).astype(int)

    figure, ((mix, right),) = new_figure(num_columns=2, width=10.0, height=3.8)
    bottom = np.zeros(len(edges))
    for name, color, count in zip(classes, class_colors(classes), counts.T, strict=True):
        share = np.divide(count, totals, out=np.zeros(len(edges)), where=totals > 0)
        mix.bar(range(len(edges)), share, bottom=bottom, color=color, width=0.8, label=name)
        bottom += share
    mix.set_title("Label mix")
    mix.set_ylabel("share of the images")
    figure.legend(*(part[::-1] for part in mix.get_legend_handles_labels()), loc="outside right center", fontsize=9)

    accuracy = np.divide(hits, totals, out=np.full(len(edges), np.nan), where=totals > 0)
    low, high = ends_of(shares_by_group(correct[known], group, len(edges), columns))
    right.bar(range(len(edges)), np.nan_to_num(accuracy), color=BLUE, width=0.7)
    reach = np.abs(np.stack([accuracy - low, high - accuracy]))
    right.errorbar(range(len(edges)), accuracy, yerr=reach, fmt="none", ecolor="#333333", elinewidth=1.2, capsize=3)
    if known.any():
        right.axhline(hits.sum() / totals.sum(), color=GRAY, linewidth=1, linestyle="--", zorder=0)
    right.set_title("Accuracy (dashed: of all ages)")

    words = [f"{low}-{high - 1}" for low, high in pairwise(edges)] + [f"{edges[-1]}+"]
    for panel in (mix, right):
        ticks = [f"{word}\n{total:,}" for word, total in zip(words, totals, strict=True)]
        panel.set_xticks(range(len(edges)), ticks, fontsize=8.5)
        panel.tick_params(axis="x", length=0)
        panel.set(ylim=(0, 1.02), xlabel="years, and number of images")
        panel.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        horizontal_grid(panel)
    if not known.all():
        figure.supxlabel(f"{np.count_nonzero(~known):,} images of unknown age are left out", fontsize=9)
    return figure
