"""The valence-arousal plane: where the classes lie in it, and with how many images."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.figure import (
    GRAY,
    MOST_CLASSES,
    NamedFigure,
    class_colors,
    class_legend,
    new_figure,
    styled,
)
from fercli.figures.needs import Needs
from fercli.figures.shown import (
    num_sectors,
)
from fercli.metrics.metric import known_rows

NEEDS = Needs.PREDICTIONS
MOST_PANELS_IN_A_ROW = 4


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the planes of training samples and of evaluated samples whose class, valence and arousal are known."""
    data, names = evaluated.data, evaluated.data.store.classes
    training = data.training_labels()
    known = (training.expression >= 0) & ~np.isnan(training.affect).any(axis=1)
    if known.any() and len(names) <= MOST_CLASSES:
        caption = "The training samples in the valence-arousal plane"
        drawn = affect_plane_figure(training.affect[known], training.expression[known], names, num_sectors(evaluated))
        yield NamedFigure("training_affect", caption, drawn)
    columns, classes = evaluated.evaluation.columns, evaluated.evaluation.classes
    if not {"valence", "arousal"} <= set(columns):
        return
    known = known_rows(columns, ["expression", "valence", "arousal"])
    if known.any():
        true = np.stack([columns["valence"], columns["arousal"]], axis=1)[known]
        labels = columns["expression"][known]
        caption = "The evaluated images in the valence-arousal plane"
        yield NamedFigure("affect_plane", caption, affect_plane_figure(true, labels, classes, num_sectors(evaluated)))
        caption = "How many images lie where, by class"
        yield NamedFigure("affect_counts", caption, affect_counts_figure(true, labels, classes))


@styled
def affect_plane_figure(
    affect: np.ndarray, labels: np.ndarray, classes: Sequence[str], num_sectors: int | None = None, title: str = ""
) -> Figure:
    """Draw samples in the valence-arousal plane, colored by class.

    Args:
        affect: (n, 2) valence and arousal in [-1, 1]; rows without either label are left out.
        labels: (n,) class index.
        classes: K names.
        num_sectors: number of sectors of equal angle to draw, numbered from valence 1 towards arousal 1. With 2, they
            are the halves of negative (0) and positive (1) valence. None draws the axes alone.
        title: above the figure.

    Source: Antoniadis 2021, figures 4.5.1, 5.2.1 and 6.3.1.
    """
    affect, labels = _labelled(affect, labels)
    figure, ((axes,),) = new_figure(width=6.2, height=4.9)
    colors = np.array(class_colors(classes))
    order = np.random.default_rng(0).permutation(len(labels))  # no class hides another by being drawn last
    size = np.clip(12000 / max(1, len(labels)), 2, 24)
    axes.scatter(*affect[order].T, s=size, c=colors[labels[order]], alpha=0.7, linewidths=0, rasterized=True)
    draw_plane(axes)
    if num_sectors is not None:
        _sectors(axes, num_sectors)
    axes.set(anchor="W", xlabel="valence", ylabel="arousal", title=title or f"{len(labels):,} images")
    class_legend(figure, classes)
    return figure


@styled
def affect_counts_figure(affect: np.ndarray, labels: np.ndarray, classes: Sequence[str], num_bins: int = 20) -> Figure:
    """Draw the number of images in each bin of the plane, a panel for each class, with one logarithmic scale.

    Args:
        affect: (n, 2) valence and arousal in [-1, 1]; rows without either label are left out.
        labels: (n,) class index.
        classes: K names.
        num_bins: along each axis.
    """
    affect, labels = _labelled(affect, labels)
    edges = np.linspace(-1, 1, num_bins + 1)
    valence, arousal = affect.T
    own = [labels == k for k in range(len(classes))]
    counts = [np.histogram2d(valence[rows], arousal[rows], bins=(edges, edges))[0] for rows in own]
    num_columns = min(MOST_PANELS_IN_A_ROW, len(classes))
    num_rows = math.ceil(len(classes) / num_columns)
    size = {"width": 2.3 * num_columns + 1.2, "height": 2.5 * num_rows + 0.3}
    figure, axes = new_figure(num_rows, num_columns, **size, same_axes=True)
    most = max(2.0, *(count.max() for count in counts))
    for panel, name, count in zip(axes.flat, classes, counts, strict=False):
        shown = np.ma.masked_equal(count.T, 0)
        mesh = panel.pcolormesh(edges, edges, shown, cmap="viridis_r", norm=LogNorm(1, most), rasterized=True)
        draw_plane(panel)
        panel.set_title(f"{name}: {int(count.sum()):,}", fontsize=10)
        panel.tick_params(labelsize=8)
    for panel in axes.flat[len(classes) :]:
        panel.set_visible(False)
    figure.supxlabel("valence", fontsize=10)
    figure.supylabel("arousal", fontsize=10)
    bar = figure.colorbar(mesh, ax=axes, shrink=0.8, aspect=28, format="{x:,.0f}")
    bar.ax.yaxis.set_minor_formatter(LogFormatter())  # the usual one writes formulas
    bar.outline.set_visible(False)
    bar.set_label("images in a bin")
    return figure


def _labelled(affect: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = (labels >= 0) & ~np.isnan(affect).any(1)
    return affect[known], labels[known]


def draw_plane(axes: Axes) -> None:
    """Draw the square of valence and arousal with its two axes."""
    axes.set(xlim=(-1.05, 1.05), ylim=(-1.05, 1.05), aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    axes.axhline(0, color=GRAY, linewidth=0.6, zorder=0)
    axes.axvline(0, color=GRAY, linewidth=0.6, zorder=0)


def _sectors(axes: Axes, num_sectors: int) -> None:
    """Draw the lines between sectors, and the number of each sector near the border of the square."""
    shield = {"facecolor": "white", "linewidth": 0, "pad": 1.5}
    first = math.pi / 2 if num_sectors == 2 else 0.0  # halves: 0 left and 1 right of the arousal axis
    for i in range(num_sectors):
        start, middle = (_border(first + 2 * math.pi * (i + part) / num_sectors) for part in (0.0, 0.5))
        axes.plot([0, start[0]], [0, start[1]], color="#333333", linewidth=1)
        axes.text(0.92 * middle[0], 0.92 * middle[1], str(i), ha="center", va="center", weight="bold", bbox=shield)


def _border(angle: float) -> tuple[float, float]:
    """Return the point where the ray of this angle leaves the square."""
    x, y = math.cos(angle), math.sin(angle)
    reach = 1 / max(abs(x), abs(y))
    return reach * x, reach * y
