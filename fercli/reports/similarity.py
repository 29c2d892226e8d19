"""Square pictures of a matrix over named nodes: cosines of classifiers and regressors, and the graph between them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fercli.reports.figure import new_figure, styled


@styled
def cosine_map_plot(weights: np.ndarray, names: Sequence[str], title: str = "") -> Figure:
    """Cosine of every two vectors of a classifier and regressor.

    Args:
        weights: (n, dim), such as the rows of K classes, valence and arousal; a row of zeros has cosine 0.
        names: n names.
        title: above the picture.

    Source: Antoniadis 2021, section 6.4.3.
    """
    norms = np.linalg.norm(weights, axis=1, keepdims=True)
    unit = np.divide(weights, norms, out=np.zeros(weights.shape), where=norms > 0)
    return _map(unit @ unit.T, names, names, "RdBu_r", (-1, 1), "cosine", title)


@styled
def adjacency_plot(adjacency: np.ndarray, names: Sequence[str], title: str = "") -> Figure:
    """Heat map of a graph: row i holds the shares in which node i takes from itself and from its neighbors.

    Args:
        adjacency: (n, n), 0 or more; cells without an edge stay empty.
        names: n names.
        title: above the picture.

    Source: Antoniadis 2021, figure 6.3.3.
    """
    figure = _map(adjacency, names, names, "Blues", (0, max(adjacency.max(), 1e-9)), "weight", title)
    figure.axes[0].set(xlabel="from", ylabel="to")
    return figure


def _map(
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    cmap: str,
    limits: tuple[float, float],
    unit: str,
    title: str,
) -> Figure:
    height, width = (max(least, 0.62 * size + 1.5) for least, size in zip((3.2, 3.6), values.shape, strict=True))
    figure, ((axes,),) = new_figure(width=width + 0.8, height=height)
    image = axes.imshow(values, cmap=cmap, vmin=limits[0], vmax=limits[1])
    axes.set_xticks(range(len(columns)), columns, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(title)
    _write(axes, values, limits)
    bar = figure.colorbar(image, ax=axes, shrink=0.7, aspect=28)
    bar.outline.set_visible(False)
    bar.set_label(unit)
    return figure


def _write(axes: Axes, values: np.ndarray, limits: tuple[float, float]) -> None:
    """Each number in its cell without the sign of -0.00, and nothing where a graph has no edge."""
    low, high = limits
    for (row, column), value in np.ndenumerate(values):
        if low == 0 and value == 0:
            continue
        dark = abs(value) > 0.6 * high
        axes.text(
            column,
            row,
            f"{round(value, 2) + 0.0:.2f}",
            ha="center",
            va="center",
            fontsize=8.5,
            color="white" if dark else "#222222",
        )
