"""Two-dimensional features as dots, colored by class."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from fercli.errors import RunError
from fercli.figures.figure import NamedFigure, class_colors, class_legend, new_figure, styled
from fercli.figures.short_names import short
from fercli.figures.shorten import MOST_OF_A_LINE
from fercli.metrics.separation import class_separation
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import classes_of, columns_of, read_predictions
from fercli.studies.aggregate import Results

MOST_PANELS_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Panel:
    """What one panel shows: `features` (n, 2), `labels` (n,) class index, `centers` (K, 2), (K, S, 2) or None."""

    features: np.ndarray
    labels: np.ndarray
    centers: np.ndarray | None = None


def of_study(results: Results) -> Iterator[NamedFigure]:
    """Yield one figure with a panel for each row whose runs have a two-dimensional feature."""
    panels, classes = {}, []
    for label, run in results.first_runs.items():
        frame = _predictions(run)
        if frame is not None and "feature_1" in frame:
            frame, classes = frame[frame["expression"].notna()], classes_of(frame)
            points, labels = frame[["feature_0", "feature_1"]].to_numpy(), columns_of(frame)["expression"]
            apart = class_separation(points, labels)
            title = label if math.isnan(apart) else f"{label}: {apart:.1f}"
            panels[title] = Panel(points, labels, stored_centers(run))
    if not panels:
        return
    caption = (
        "Deep features of the evaluation split on the same axes; crosses are the class centers. The number in a title: "
        "smallest distance between two class means, divided by the mean distance of samples from their class mean."
    )
    yield NamedFigure("features", caption, feature_scatter_figure(panels, classes))


def _predictions(run: RunFolder) -> pd.DataFrame | None:
    try:
        return read_predictions(run)
    except RunError:
        return None


@styled
def feature_scatter_figure(
    panels: Mapping[str, Panel], classes: Sequence[str], same_axes: bool = True, center_marker: str = "X"
) -> Figure:
    """Draw two-dimensional features colored by class, a panel for each title, with the centers where there are any.

    Args:
        panels: title to what the panel shows.
        classes: K names.
        same_axes: one range for all panels, so that the spread of the classes can be compared.
        center_marker: marker of matplotlib, such as `X` for crosses or `s` for squares.

    Source: Farzaneh 2020, figure 3.5; the common range and the centers are added here.
    """
    num_columns = min(MOST_PANELS_IN_A_ROW, len(panels))
    num_rows = math.ceil(len(panels) / num_columns)
    width, height = 3.6 * num_columns + 1.2, 3.6 * num_rows
    figure, axes = new_figure(num_rows, num_columns, width=width, height=height, same_axes=same_axes)
    colors = np.array(class_colors(classes))
    for panel, (title, shown) in zip(axes.flat, panels.items(), strict=False):
        size = np.clip(12000 / max(1, len(shown.features)), 3, 24)
        order = dot_order(len(shown.features))
        dots = {"s": size, "c": colors[shown.labels[order]], "alpha": 0.75, "linewidths": 0, "rasterized": True}
        panel.scatter(*shown.features[order].T, **dots)
        if shown.centers is not None:
            centers = shown.centers.reshape(-1, 2)
            marks = {"s": 60, "marker": center_marker, "edgecolors": "black", "linewidths": 0.9}
            panel.scatter(*centers.T, c=colors.repeat(len(centers) // len(colors)), **marks)
        panel.set_title(fill(short(title, MOST_OF_A_LINE), 34))
        panel.tick_params(labelsize=8)
    for panel in axes.flat[len(panels) :]:
        panel.set_visible(False)
    class_legend(figure, classes)
    return figure


def dot_order(number: int) -> np.ndarray:
    """Return the order in which dots are drawn: at random, so that no class hides another by being drawn last."""
    return np.random.default_rng(0).permutation(number)


CENTERS = "objective.centers.centers"


def stored_centers(run: RunFolder) -> np.ndarray | None:
    """Return the class centers stored with the evaluated weights; None without a center bank or readable weights."""
    from fercli.engine.weights import read_checkpoint

    try:
        state = read_checkpoint(run.weights)["state_dict"]
    except (OSError, RunError, KeyError):
        return None
    return state[CENTERS].numpy() if CENTERS in state else None
