"""Attention weights of the elements of a deep feature."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.figure import GRAY, NamedFigure, class_colors, horizontal_grid, new_figure, styled
from fercli.figures.needs import Needs
from fercli.figures.rare_classes import training_counts

NEEDS = Needs.RUN
CLASSES = ("neutral", "surprise")  # the source shows two samples of the first and three of the second
NUM_SAMPLES = (2, 3)


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield samples of the two classes that the source shows.

    Data without these classes shows its two most frequent classes of the training.
    """
    columns, names = evaluated.evaluation.columns, evaluated.evaluation.classes
    if "attention" not in columns:
        return
    shown = CLASSES
    if not set(shown) <= set(names):
        counts = training_counts(evaluated)
        shown = tuple(names[k] for k in np.argsort([-counts.get(name, 0) for name in names], kind="stable")[:2])
    labels = columns["expression"]
    samples = zip(shown, NUM_SAMPLES, strict=False)  # there may be one class
    rows = np.concatenate([np.flatnonzero(labels == names.index(name))[:number] for name, number in samples])
    if len(rows):
        caption = f"Attention weights of some samples of {' and '.join(shown)}"
        yield NamedFigure("attention", caption, attention_figure(columns["attention"][rows], labels[rows], names))


@styled
def attention_figure(attention: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> Figure:
    """Draw weight against dimension, a panel for each sample on the same axes, with its mean as a dashed line.

    Args:
        attention: (n, dim) of a few samples.
        labels: (n,) class index.
        classes: K names; samples are numbered within their class.

    Source: Farzaneh 2020, figure 4.7; the common axes and the means are added here.
    """
    figure, axes = new_figure(len(attention), 1, width=8.0, height=1.15 * len(attention) + 0.6, same_axes=True)
    colors = class_colors(classes)
    for i, (panel, weights, label) in enumerate(zip(axes[:, 0], attention, labels, strict=True)):
        panel.plot(weights, color=colors[label], linewidth=0.9)
        panel.axhline(weights.mean(), color=GRAY, linewidth=1, linestyle="--")
        number = np.count_nonzero(labels[: i + 1] == label)
        panel.set_title(f"{classes[label]} {number}", fontsize=9, pad=2)
        panel.tick_params(labelsize=8)
        horizontal_grid(panel)
    axes[0, 0].set_xlim(0, max(1, attention.shape[1] - 1))
    axes[-1, 0].set_xlabel("dimension of the feature")
    figure.supylabel("attention weight", fontsize=10)
    return figure
