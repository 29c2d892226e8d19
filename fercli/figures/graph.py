"""The graph between the pixels of a face and those of its scene."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.figure import GRAY, ORANGE, NamedFigure, new_figure, styled
from fercli.figures.grad_cam import grad_cam_figure
from fercli.figures.needs import Needs
from fercli.figures.shown import pick_rows, seen, titles_of
from fercli.methods.shown import TiesPixels

NEEDS = Needs.RUN
GAP = 0.35  # between two images, as a share of their width
NUM_EACH = 3
DRAW = 0  # seed of the edges that are shown


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the figures of methods that connect pixels by a graph."""
    method, rows = evaluated.method, pick_rows(evaluated.evaluation.columns, NUM_EACH)
    if len(rows) == 0 or not isinstance(method, TiesPixels):
        return
    shown = seen(evaluated, rows)
    found = method.pixel_graph(shown.batch, seed=DRAW)
    if found is None:
        return
    first, last = ({"face": shown.images, "context": shown.contexts}[found.streams[i]] for i in (0, -1))
    titles = titles_of(evaluated, rows)
    pair = "face and scene" if len(found.streams) > 1 else "two copies of one image"
    caption = f"The strongest edges between {pair}, among those that one draw of the sampling keeps"
    yield NamedFigure("graph_edges", caption, edge_figure(first, last, found.weights, found.grid, titles))
    whole = "face" if "face" in found.streams else "scene"
    caption = f"How similar each place is to the {whole}, on average over all its pixels"
    yield NamedFigure("graph_heat", caption, graph_heat_figure(last, found.similarity, found.grid, titles))
    caption = "The graph of the first sample before and after the sampling"
    yield NamedFigure("graph_sampling", caption, sampling_figure(found.similarity[0], found.weights[0]))


@styled
def edge_figure(
    faces: Sequence[np.ndarray],
    contexts: Sequence[np.ndarray],
    weights: Sequence[np.ndarray],
    grid: tuple[int, int],
    titles: Sequence[str],
    num_edges: int = 12,
    num_columns: int = 3,
) -> Figure:
    """Draw each face beside its scene, with the strongest edges between their pixels as lines; stronger is thicker.

    Args:
        faces: n arrays (H, W), (H, W, 1) or (H, W, 3) uint8.
        contexts: n arrays of scenes, as `faces`.
        weights: n arrays (P, P) of kept edges, row: pixel of the face, column: pixel of the scene; 0: no edge.
        grid: height and width of the feature maps, whose pixels are counted row by row.
        titles: n lines.
        num_edges: lines of each face, at most.
        num_columns: images in a row.
    """
    num_rows, num_columns = max(1, -(-len(faces) // num_columns)), min(num_columns, max(1, len(faces)))
    figure, axes = new_figure(num_rows, num_columns, width=3.4 * num_columns, height=1.85 * num_rows)
    for cell in axes.flat:
        cell.set_axis_off()
    places = _places(grid)
    for cell, face, context, kept, title in zip(axes.flat, faces, contexts, weights, titles, strict=False):
        for left, image in ((0.0, face), (1 + GAP, context)):
            cell.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=255, extent=(left, left + 1, 1, 0), aspect="equal")
            cell.add_patch(Rectangle((left, 0), 1, 1, fill=False, edgecolor=GRAY, linewidth=0.6))
        rows, columns = strongest_edges(kept, num_edges)
        strength = kept[rows, columns]
        lines = LineCollection(
            list(np.stack([places[rows], places[columns] + [1 + GAP, 0]], 1)),
            colors=ORANGE,
            linewidths=0.4 + 1.6 * strength / max(strength.max(initial=0), 1e-12),
            alpha=0.85,
            capstyle="round",
        )
        cell.add_collection(lines)
        cell.set_xlim(0, 2 + GAP)
        cell.set_ylim(1, 0)
        cell.set_title(title, fontsize=8.5, weight="normal", loc="center", pad=4)
    return figure


def strongest_edges(weights: np.ndarray, num_edges: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the largest positive entries of a matrix, the largest first; at most `num_edges`."""
    order = np.argsort(-weights, axis=None, kind="stable")[:num_edges]
    rows, columns = np.unravel_index(order, weights.shape)
    kept = weights[rows, columns] > 0
    return rows[kept], columns[kept]


def graph_heat(similarity: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Return how similar each pixel of the scene is to the face, as a share of the largest: (h, w) in [0, 1].

    Args:
        similarity: (P, P), row: pixel of the face, column: pixel of the scene.
        grid: height and width of the map of the scene.
    """
    heat = similarity.mean(0)  # over the pixels of the face
    return heat.reshape(grid) / max(heat.max(), 1e-12)


def graph_heat_figure(
    contexts: Sequence[np.ndarray],
    similarities: Sequence[np.ndarray],
    grid: tuple[int, int],
    titles: Sequence[str],
) -> Figure:
    """Draw each scene, and below it the same scene in gray under the heat of `graph_heat`.

    Args:
        contexts: n arrays (H, W), (H, W, 1) or (H, W, 3) uint8.
        similarities: n arrays (P, P).
        grid: as in `graph_heat`.
        titles: n lines.

    Source: Lin 2021, figure 3-5.
    """
    return grad_cam_figure(contexts, [graph_heat(matrix, grid) for matrix in similarities], titles)


@styled
def sampling_figure(similarity: np.ndarray, weights: np.ndarray) -> Figure:
    """Draw one graph before sampling, the edges that are kept, and the sparse graph, side by side.

    Args:
        similarity: (P, P), row: pixel of the face, column: pixel of the scene.
        weights: (P, P) of the kept edges, 0 where there is none.

    Source: Lin 2021, figure 3-6.
    """
    kept = weights > 0
    figure, axes = new_figure(1, 3, width=9.0, height=3.4, same_axes=True)
    titles = ("similarity", f"kept: {kept.sum()} of {kept.size}", "sparse graph")
    for panel, matrix, title in zip(axes[0], (similarity, kept, weights), titles, strict=True):
        drawn = panel.imshow(matrix, vmin=0, vmax=1, cmap="viridis", interpolation="nearest")
        panel.set_title(title, loc="center", weight="normal")
        panel.set_xlabel("pixel of the scene")
        panel.tick_params(labelsize=8)
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_locator(MaxNLocator(6, integer=True))
    axes[0, 0].set_ylabel("pixel of the face")
    bar = figure.colorbar(drawn, ax=axes, shrink=0.8, aspect=24)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8)
    return figure


def _places(grid: tuple[int, int]) -> np.ndarray:
    """Return x and y (P, 2) of the middle of each pixel of a map, as shares of the image in [0, 1]."""
    height, width = grid
    y, x = np.mgrid[:height, :width]
    return np.stack([(x.ravel() + 0.5) / width, (y.ravel() + 0.5) / height], 1)
