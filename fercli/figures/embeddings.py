"""Features of many dimensions, mapped to the plane by t-SNE or UMAP."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from fercli.engine.evaluation import EvaluatedRun
from fercli.errors import ConfigError, DataError, RunError, choose, reading
from fercli.figures.classified import NUM_LARGEST, largest_classes
from fercli.figures.figure import MOST_CLASSES, NamedFigure, Points, styled
from fercli.figures.needs import Needs
from fercli.figures.scatter import Panel, dot_order, feature_scatter_figure, stored_centers
from fercli.figures.shown import stored_images
from fercli.metrics.metric import known_rows
from fercli.runs.folder import RunFolder
from fercli.studies.aggregate import Results

NEEDS = Needs.RUN
METHODS = ("tsne", "umap")
MOST_SAMPLES = 2000  # that are mapped
MOST_IMAGES = 600  # that a page shows under the pointer
FEWEST_SAMPLES = 5  # that t-SNE and UMAP need


def require_embedding(embedding: str) -> None:
    """Make sure that features can be drawn in this way.

    Raises:
        ConfigError: the embedding is unknown, or its library is not installed.
    """
    choose("embedding", embedding, METHODS)
    if embedding == "umap":
        _umap()


def of_run(evaluated: EvaluatedRun, embedding: str = "tsne") -> Iterator[NamedFigure]:
    """Yield the deep feature of the evaluated samples: as it is in two dimensions, else through t-SNE or UMAP."""
    columns, classes = evaluated.evaluation.columns, evaluated.evaluation.classes
    known = known_rows(columns, ["expression"])
    rows = np.flatnonzero(known)
    bank = evaluated.method.objective.centers
    centers = None if bank is None else bank.centers.double().cpu().numpy()[evaluated.evaluation.outputs]
    labels, of_which = columns["expression"][rows], ""
    if len(classes) > MOST_CLASSES:
        largest = largest_classes(columns["expression"][rows], len(classes))
        rows = rows[np.isin(columns["expression"][rows], largest)]
        labels = np.searchsorted(largest, columns["expression"][rows])
        classes = tuple(classes[i] for i in largest)
        centers, of_which = None, f"; the {NUM_LARGEST} classes with most samples"
    if len(rows) < FEWEST_SAMPLES:
        return
    features = columns["feature"][rows]
    if features.shape[1] == 2:
        panel = {evaluated.evaluation.split: Panel(features, labels, centers)}
        figure = feature_scatter_figure(panel, classes)
        caption = f"The two-dimensional deep feature{of_which}"
    elif embedding == "umap":
        squares = "" if centers is None else "; squares are the class centers"
        caption = f"UMAP of the {features.shape[1]}-dimensional deep feature{squares}{of_which}"
        figure = umap_figure(features, labels, classes, centers)
    else:
        caption = (
            f"t-SNE of the {features.shape[1]}-dimensional deep feature: neighborhoods mean something, distances not"
        )
        caption += of_which
        figure = tsne_figure(features, labels, classes)
    shown = rows if features.shape[1] == 2 else rows[_order(len(rows), MOST_SAMPLES, seed=0)]
    yield NamedFigure("features", caption, figure, _points(evaluated, figure, shown))


def _points(evaluated: EvaluatedRun, figure: Figure, rows: np.ndarray) -> Points:
    """Return the samples behind the dots of a figure.

    Args:
        rows: (n,) of the columns, in the order in which the figure got their features.
    """
    columns, names = evaluated.evaluation.columns, evaluated.evaluation.classes
    drawn = rows[dot_order(len(rows))]
    words = [f"{columns['id'][i]}\n{names[columns['expression'][i]]}" for i in drawn]
    if "probabilities" in columns:
        said = columns["probabilities"][drawn].argmax(1)
        words = [f"{text}, said {names[i]}" for text, i in zip(words, said, strict=True)]
    places = np.asarray(figure.axes[0].collections[0].get_offsets()) if figure.axes else np.empty((0, 2))
    return Points(places, words, stored_images(evaluated, drawn[:MOST_IMAGES]))


def num_maps(results: Results) -> int:
    """Return how many maps `of_study` computes at most: one for each row whose run keeps wide features."""
    return sum(run.embeddings.is_file() for run in results.first_runs.values())


def of_study(results: Results, step: Callable[[], None] = lambda: None) -> Iterator[NamedFigure]:
    """Yield a t-SNE panel for each row whose run keeps wide features.

    Rows that were evaluated on different samples get different figures.

    Args:
        step: is called before each of the `num_maps` maps, which takes seconds.
    """
    runs = results.first_runs
    groups: dict[tuple[tuple[str, ...], ...], dict[str, pd.DataFrame]] = {}
    for label, run in runs.items():
        frame = _kept(run)
        if frame is not None:
            key = (tuple(frame["id"]), tuple(frame["expression"]), tuple(frame["expression"].cat.categories))
            groups.setdefault(key, {})[label] = frame
    drawn = [found for frames in groups.values() if (found := _panels(frames, runs, step)) is not None]
    for number, (caption, figure) in enumerate(drawn, 1):
        yield NamedFigure(f"embeddings_{number}" if len(drawn) > 1 else "embeddings", caption, figure)


def _kept(run: RunFolder) -> pd.DataFrame | None:
    """Return the features that a run keeps; None where it keeps none.

    Raises:
        RunError: the file is damaged.
    """
    if not run.embeddings.is_file():
        return None
    with reading(run.embeddings, "a table of features", error=RunError, remedy="train this run again"):
        return pd.read_parquet(run.embeddings)[["id", "expression", "feature"]]


def _panels(
    frames: Mapping[str, pd.DataFrame], runs: Mapping[str, RunFolder], step: Callable[[], None]
) -> tuple[str, Figure] | None:
    labels = next(iter(frames.values()))["expression"].cat
    classes = list(labels.categories)
    if len(labels.codes) < FEWEST_SAMPLES or len(classes) > MOST_CLASSES:
        return None
    panels, diverged = {}, []
    for row, frame in frames.items():
        features = np.stack(list(frame["feature"])).astype(np.float64)
        if np.isfinite(features).all():
            centers = stored_centers(runs[row])
            if centers is not None and centers.shape[-1] != features.shape[1]:  # centers of another feature
                centers = None
            panels[row] = Panel(features, labels.codes.to_numpy(), centers)
        else:
            diverged.append(row)
    if not panels:
        return None
    caption = f"t-SNE of the deep features of the same {len(labels.codes):,} samples in every panel"
    caption += "; squares are the class centers" if any(one.centers is not None for one in panels.values()) else ""
    caption += f"; features of {', '.join(diverged)} are not finite" if diverged else ""
    caption += ". The first seed of each row. Neighborhoods mean something, distances between groups do not."
    return caption, tsne_panels_figure(panels, classes, step=step)


@styled
def tsne_figure(
    features: np.ndarray, labels: np.ndarray, classes: Sequence[str], num_samples: int = MOST_SAMPLES, seed: int = 0
) -> Figure:
    """Draw features of any width through t-SNE, where distances between far groups mean nothing.

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
    return _embedded_figure("t-SNE", features, Panel(embedded, labels[rows]), classes)


@styled
def tsne_panels_figure(
    panels: Mapping[str, Panel], classes: Sequence[str], seed: int = 0, step: Callable[[], None] = lambda: None
) -> Figure:
    """Draw features of any width through t-SNE, a panel and a map of its own for each title; centers are squares.

    Centers are mapped together with the samples, because t-SNE cannot add points to a map later.

    Args:
        panels: title to features (n, dim), labels (n,), and centers (K, dim), (K, S, dim) or None.
        classes: K names.
        seed: of t-SNE.
        step: is called before each map.

    Raises:
        DataError: fewer than 5 samples, or a feature that is not finite.

    Source: Antoniadis 2021, figures 4.2.2, 4.3.2 and 4.3.3, which use UMAP.
    """
    mapped = {}
    for title, shown in panels.items():
        step()
        _expect_enough(shown.features, "t-SNE")
        dim = shown.features.shape[1]
        centers = np.empty((0, dim)) if shown.centers is None else shown.centers.reshape(-1, dim)
        places = _tsne(np.concatenate([shown.features, centers]), seed)
        num_samples = len(shown.features)
        mapped[title] = Panel(places[:num_samples], shown.labels, places[num_samples:] if len(centers) else None)
    figure = feature_scatter_figure(mapped, classes, same_axes=False, center_marker="s")
    for axes in figure.axes:
        axes.set(xticks=[], yticks=[])
    return figure


@styled
def umap_figure(
    features: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    centers: np.ndarray | None = None,
    num_samples: int = MOST_SAMPLES,
    seed: int = 0,
) -> Figure:
    """Draw features of any width through UMAP with the default options of umap-learn; centers are squares.

    Args:
        features: (n, dim).
        labels: (n,) class index.
        classes: K names.
        centers: (K, dim), or (K, S, dim) with S per class, placed among the samples without moving them; None for no
            centers.
        num_samples: shown at most, drawn at random.
        seed: of the draw and of UMAP.

    Raises:
        ConfigError: umap-learn is not installed.
        DataError: fewer than 5 samples, or a feature that is not finite.

    Source: McInnes, Healy and Melville 2018, through umap-learn; Antoniadis 2021, figures 4.2.2, 4.3.2 and 4.3.3.
    """
    rows = _drawn(features, num_samples, seed, "UMAP")
    # umap-learn would set both itself, with a warning: one job for a fixed seed, no neighborhood larger than the data.
    reducer = _umap()(n_neighbors=min(15, len(rows) - 1), random_state=seed, n_jobs=1)
    embedded = reducer.fit_transform(features[rows])
    placed = None if centers is None else reducer.transform(centers.reshape(-1, centers.shape[-1]))
    return _embedded_figure("UMAP", features, Panel(embedded, labels[rows], placed), classes)


def _umap() -> Any:
    """Return the class of umap-learn."""
    try:
        from umap import UMAP
    except ImportError as error:
        raise ConfigError("UMAP needs umap-learn, which is not installed; pip install fercli[umap]") from error
    return UMAP


def _tsne(points: np.ndarray, seed: int) -> np.ndarray:
    """Return the t-SNE map (n, 2) of points (n, dim)."""
    from sklearn.manifold import TSNE

    perplexity = min(30.0, (len(points) - 1) / 3)
    embedded: np.ndarray = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(points)
    return embedded


def _expect_enough(features: np.ndarray, method: str) -> None:
    if len(features) < FEWEST_SAMPLES or not np.isfinite(features).all():
        raise DataError(f"{method} expects at least {FEWEST_SAMPLES} samples of finite features, found {len(features)}")


def _drawn(features: np.ndarray, num_samples: int, seed: int, method: str) -> np.ndarray:
    _expect_enough(features, method)
    return _order(len(features), num_samples, seed)


def _order(number: int, most: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).permutation(number)[:most]


def _embedded_figure(method: str, features: np.ndarray, shown: Panel, classes: Sequence[str]) -> Figure:
    """Draw one panel without numbers on its axes: they have no meaning."""
    title = f"{method} of {features.shape[1]} features, {len(shown.features):,} images"
    figure = feature_scatter_figure({title: shown}, classes, center_marker="s")
    for axes in figure.axes:
        axes.set(xticks=[], yticks=[])
    return figure
