"""Matrices over classes, valence and arousal: cosines of the vectors that score them, and the graph between them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from fercli.engine.evaluation import EvaluatedRun
from fercli.engine.vectors import classifier_vectors
from fercli.figures.figure import (
    NamedFigure,
    new_figure,
    styled,
)
from fercli.figures.needs import Needs
from fercli.figures.shades import SHADES, SIGNED, color_bar, text_on
from fercli.heads.vectors import AFFECT
from fercli.runs.folder import RunFolder, read_table
from fercli.studies.aggregate import Results

NEEDS = Needs.RUN
MOST_PANELS_IN_A_ROW = 4


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the cosines of a network whose head scores by vectors, and the graph over the classes if it has one."""
    found = classifier_vectors(evaluated.method, evaluated.evaluation.network_classes)
    if found is None:
        return
    weights, names = found
    caption = "Cosines of the vectors that score the classes, and valence and arousal where they are predicted"
    yield NamedFigure("classifier_cosines", caption, cosine_map_figure(weights, names))
    graph = getattr(evaluated.method.head, "adjacency", None)
    if graph is not None:
        caption = "Graph between the classes, valence and arousal: share of each column in each row"
        yield NamedFigure("adjacency", caption, adjacency_figure(graph.double().cpu().numpy(), names))


def of_study(results: Results) -> Iterator[NamedFigure]:
    """Yield the cosines of the vectors of the classes with those of valence and arousal.

    The first panels are pairs of networks, one with vectors of the classes and one with vectors of valence and arousal.
    The other panels are single networks with both. The two networks of a pair have different seeds where there are
    several. Layers that start from the same random numbers stay alike row by row for a long time, which says nothing
    about the classes.
    """
    found = {label: frames for label in results.labels if (frames := _vectors(results, label))}
    first = {label: vectors[0] for label, vectors in found.items()}
    classes = next((names for frame in first.values() if (names := [str(n) for n in frame if n not in AFFECT])), [])
    kinds: dict[tuple[bool, bool], list[str]] = {}
    for label, frame in first.items():
        kinds.setdefault((set(classes) <= set(frame), set(AFFECT) <= set(frame)), []).append(label)
    pairs = {
        f"{scores} and {affect}": (first[scores], found[affect][-1])
        for scores, affect in product(kinds.get((True, False), ()), kinds.get((False, True), ()))
        if len(first[scores]) == len(first[affect])  # vectors of different widths have no cosine
    }
    panels = pairs | {label: (first[label], first[label]) for label in kinds.get((True, True), ())}
    if not (panels and classes):
        return
    vectors = {
        name: (scores[classes].to_numpy().T, affect[list(AFFECT)].to_numpy().T)
        for name, (scores, affect) in panels.items()
    }
    caption = "Cosines of the vectors that score the classes with those that score valence and arousal"
    if not pairs:
        caption += "; the first seed of each row."
    elif all(len(found[label]) > 1 for label in kinds[False, True]):
        caption += "; the first seed of each row; where two networks are named, the second network has its second seed."
    else:
        caption += (
            "; two networks of one seed begin with the same random numbers, so that some of their vectors are alike."
        )
    yield NamedFigure("affect_cosines", caption, affect_cosines_figure(vectors, classes))


def _vectors(results: Results, label: str) -> list[pd.DataFrame]:
    """Return the vectors of the first two seeds of a row of the study."""
    runs = [RunFolder(path) for _, path in sorted(results.folders(label).items())]
    return [frame for run in runs[:2] if (frame := read_table(run.vectors)) is not None]


@styled
def cosine_map_figure(weights: np.ndarray, names: Sequence[str], title: str = "") -> Figure:
    """Draw the cosine of every two vectors of a classifier and regressor.

    Args:
        weights: (n, dim), such as the rows of K classes, valence and arousal; a row of zeros has cosine 0.
        names: n names.
        title: above the figure.

    Source: Antoniadis 2021, section 6.4.2.
    """
    return _map(_cosines(weights, weights), names, names, SIGNED, (-1, 1), "cosine", title)


@styled
def affect_cosines_figure(panels: Mapping[str, tuple[np.ndarray, np.ndarray]], classes: Sequence[str]) -> Figure:
    """Draw the cosines of the vector of each class with those of valence and arousal, networks side by side.

    Args:
        panels: name to the vectors of the classes (K, dim) and of valence and arousal (2, dim). The name is that of
            one network with both, or of two networks: the first gives the classes, the second valence and arousal.
        classes: K names.

    Source: Antoniadis 2021, section 6.4.2.
    """
    num_columns = min(MOST_PANELS_IN_A_ROW, len(panels))
    num_rows = math.ceil(len(panels) / num_columns)
    height = 0.36 * len(classes) + 1.3
    figure, axes = new_figure(num_rows, num_columns, width=1.9 * num_columns + 1.8, height=height * num_rows)
    for cell, (name, (scores, affect)) in zip(axes.flat, panels.items(), strict=False):
        image = _matrix(cell, _cosines(scores, affect), classes, ("valence", "arousal"), SIGNED, (-1, 1))
        cell.set_aspect("auto")
        cell.set_title(fill(name, 24), fontsize=9)
    for cell in axes[:, 1:].flat:
        cell.set_yticklabels([])
    for cell in axes.flat[len(panels) :]:
        cell.set_visible(False)
    color_bar(figure, image, axes, "cosine")
    return figure


def _cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the cosines (n, m) of vectors (n, dim) with vectors (m, dim); a row of zeros has cosine 0."""
    product: np.ndarray = first @ second.T
    norms = np.outer(np.linalg.norm(first, axis=1), np.linalg.norm(second, axis=1))
    return np.divide(product, norms, out=np.zeros(product.shape), where=norms > 0)


@styled
def adjacency_figure(adjacency: np.ndarray, names: Sequence[str], title: str = "") -> Figure:
    """Draw a heat map of a graph: row i holds the shares that node i takes from itself and from its neighbors.

    Args:
        adjacency: (n, n), 0 or more; cells without an edge stay empty.
        names: n names.
        title: above the figure.

    Source: Antoniadis 2021, figure 6.3.3.
    """
    figure = _map(adjacency, names, names, SHADES, (0, max(adjacency.max(), 1e-9)), "weight", title)
    figure.axes[0].set(xlabel="from", ylabel="to")
    return figure


def _map(
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    cmap: Colormap,
    limits: tuple[float, float],
    unit: str,
    title: str,
) -> Figure:
    height, width = (max(least, 0.62 * size + 1.5) for least, size in zip((3.2, 3.6), values.shape, strict=True))
    figure, ((axes,),) = new_figure(width=width + 0.8, height=height)
    image = _matrix(axes, values, rows, columns, cmap, limits)
    axes.set_title(title)
    color_bar(figure, image, axes, unit)
    return figure


def _matrix(
    axes: Axes,
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    cmap: Colormap,
    limits: tuple[float, float],
) -> AxesImage:
    image = axes.imshow(values, cmap=cmap, vmin=limits[0], vmax=limits[1])
    axes.set_xticks(range(len(columns)), columns, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    _write(axes, values, limits)
    return image


def _write(axes: Axes, values: np.ndarray, limits: tuple[float, float]) -> None:
    """Write each number into its cell, -0.00 as 0.00; a cell of a graph without an edge stays empty."""
    low, high = limits
    for (row, column), value in np.ndenumerate(values):
        if low == 0 and value == 0:
            continue
        axes.text(
            column,
            row,
            f"{round(value, 2) + 0.0:.2f}",
            ha="center",
            va="center",
            fontsize=8.5,
            color=text_on(abs(value) / high),
        )
