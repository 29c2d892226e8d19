"""Pictures of deep features: two-dimensional ones as they are, others through t-SNE or UMAP."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from fercli.errors import ConfigError, DataError
from fercli.reports.figure import class_colors, class_legend, new_figure, styled

MOST_PANELS_IN_A_ROW = 3
FEWEST_SAMPLES = 5  # of which t-SNE and UMAP make a map


@dataclass(frozen=True, slots=True)
class Features:
    """What one panel shows: `features` (n, 2), `labels` (n,) class index, `centers` (K, 2), (K, S, 2) or None."""

    features: np.ndarray
    labels: np.ndarray
    centers: np.ndarray | None = None


@styled
def feature_scatter_plot(
    panels: Mapping[str, Features], classes: Sequence[str], same_axes: bool = True, center_marker: str = "X"
) -> Figure:
    """Two-dimensional features colored by class, a panel for each title, with the centers where there are any.

    Args:
        panels: title to what it shows.
        classes: K names.
        same_axes: one range for all panels, so that one can see how far each spreads its classes.
        center_marker: of matplotlib, such as `X` for crosses or `s` for squares.

    Source: Farzaneh 2020, figure 3.5; the common range and the centers are added here.
    """
    num_columns = min(MOST_PANELS_IN_A_ROW, len(panels))
    num_rows = math.ceil(len(panels) / num_columns)
    width, height = 3.6 * num_columns + 1.2, 3.6 * num_rows
    figure, axes = new_figure(num_rows, num_columns, width=width, height=height, same_axes=same_axes)
    colors = np.array(class_colors(classes))
    for panel, (title, shown) in zip(axes.flat, panels.items(), strict=False):
        size = np.clip(12000 / max(1, len(shown.features)), 3, 24)
        order = np.random.default_rng(0).permutation(len(shown.features))  # no class hides another by being drawn last
        dots = {"s": size, "c": colors[shown.labels[order]], "alpha": 0.75, "linewidths": 0, "rasterized": True}
        panel.scatter(*shown.features[order].T, **dots)
        if shown.centers is not None:
            centers = shown.centers.reshape(-1, 2)
            marks = {"s": 60, "marker": center_marker, "edgecolors": "black", "linewidths": 0.9}
            panel.scatter(*centers.T, c=colors.repeat(len(centers) // len(colors)), **marks)
        panel.set_title(title)
        panel.tick_params(labelsize=8)
    for panel in axes.flat[len(panels) :]:
        panel.set_visible(False)
    class_legend(figure, classes)
    return figure


@styled
def tsne_plot(
    features: np.ndarray, labels: np.ndarray, classes: Sequence[str], num_samples: int = 2000, seed: int = 0
) -> Figure:
    """Features of any width through t-SNE; distances between far groups mean nothing in it.

    Args:
        features: (n, dim).
        labels: (n,) class index.
        classes: K names.
        num_samples: shown at most, drawn at random.
        seed: of the draw and of t-SNE.

    Raises:
        DataError: fewer than 5 samples, or a feature that is not finite.

    Source: van der Maaten and Hinton 2008, through scikit-learn.
    """
    rows = _drawn(features, num_samples, seed, "t-SNE")
    embedded = _tsne(features[rows], seed)
    return _embedded_plot("t-SNE", features, Features(embedded, labels[rows]), classes)


@styled
def tsne_panels_plot(panels: Mapping[str, Features], classes: Sequence[str], seed: int = 0) -> Figure:
    """Features of any width through t-SNE, a panel for each title, each with a map of its own; centers as squares.

    Centers are mapped together with the samples, because t-SNE cannot add points to a map later.

    Args:
        panels: title to features (n, dim), labels (n,), and centers (K, dim), (K, S, dim) or None.
        classes: K names.
        seed: of t-SNE.

    Raises:
        DataError: fewer than 5 samples, or a feature that is not finite.

    Source: Antoniadis 2021, figures 4.2.2, 4.3.2 and 4.3.3, which use UMAP.
    """
    mapped = {}
    for title, shown in panels.items():
        _expect_enough(shown.features, "t-SNE")
        dim = shown.features.shape[1]
        centers = np.empty((0, dim)) if shown.centers is None else shown.centers.reshape(-1, dim)
        places = _tsne(np.concatenate([shown.features, centers]), seed)
        num_samples = len(shown.features)
        mapped[title] = Features(places[:num_samples], shown.labels, places[num_samples:] if len(centers) else None)
    figure = feature_scatter_plot(mapped, classes, same_axes=False, center_marker="s")
    for axes in figure.axes:
        axes.set(xticks=[], yticks=[])
    return figure


@styled
def umap_plot(
    features: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    centers: np.ndarray | None = None,
    num_samples: int = 2000,
    seed: int = 0,
) -> Figure:
    """Features of any width through UMAP with the options of its library, centers as squares.

    Args:
        features: (n, dim).
        labels: (n,) class index.
        classes: K names.
        centers: (K, dim), or (K, S, dim) of several per class, placed among the samples without moving them; None for
            none.
        num_samples: shown at most, drawn at random.
        seed: of the draw and of UMAP.

    Raises:
        ConfigError: umap-learn is not installed.
        DataError: fewer than 5 samples, or a feature that is not finite.

    Source: McInnes, Healy and Melville 2018, through umap-learn; Antoniadis 2021, figures 4.2.2, 4.3.2 and 4.3.3.
    """
    try:
        from umap import UMAP
    except ImportError as error:
        raise ConfigError("UMAP needs umap-learn, which is not installed; pip install fercli[umap]") from error

    rows = _drawn(features, num_samples, seed, "UMAP")
    # Its library turns the number of jobs to 1 for a fixed seed, and a neighborhood larger than the data smaller.
    reducer = UMAP(n_neighbors=min(15, len(rows) - 1), random_state=seed, n_jobs=1)
    embedded = reducer.fit_transform(features[rows])
    placed = None if centers is None else reducer.transform(centers.reshape(-1, centers.shape[-1]))
    return _embedded_plot("UMAP", features, Features(embedded, labels[rows], placed), classes)


def _tsne(points: np.ndarray, seed: int) -> np.ndarray:
    """(n, 2) map of (n, dim) points."""
    from sklearn.manifold import TSNE

    perplexity = min(30.0, (len(points) - 1) / 3)
    embedded: np.ndarray = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(points)
    return embedded


def _expect_enough(features: np.ndarray, method: str) -> None:
    if len(features) < FEWEST_SAMPLES or not np.isfinite(features).all():
        raise DataError(f"{method} expects at least {FEWEST_SAMPLES} samples of finite features, found {len(features)}")


def _drawn(features: np.ndarray, num_samples: int, seed: int, method: str) -> np.ndarray:
    _expect_enough(features, method)
    return np.random.default_rng(seed).permutation(len(features))[:num_samples]


def _embedded_plot(method: str, features: np.ndarray, shown: Features, classes: Sequence[str]) -> Figure:
    """One panel without numbers on its axes, because they have no meaning."""
    title = f"{method} of {features.shape[1]} features, {len(shown.features):,} images"
    figure = feature_scatter_plot({title: shown}, classes, center_marker="s")
    for axes in figure.axes:
        axes.set(xticks=[], yticks=[])
    return figure
