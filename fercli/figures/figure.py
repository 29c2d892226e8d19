"""What all figures share: size, font, colors, saving. Without pyplot: a figure is a value, not a global state."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fercli.figures.shorten import MOST_IN_A_LEGEND, WIDE, shorten_names

# Fixed for expressions, so that a color means the same in every figure. Okabe and Ito 2008, with wine for contempt.
EXPRESSION_COLORS = {
    "neutral": "#8c8c8c",
    "happiness": "#e69f00",
    "sadness": "#0072b2",
    "surprise": "#56b4e9",
    "fear": "#cc79a7",
    "disgust": "#009e73",
    "anger": "#d55e00",
    "contempt": "#882255",
}
# For other classes; Petroff 2021, made for color-blind readers.
OTHER_COLORS = (
    *("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6"),
    *("#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadb"),
)
DPI = 160  # pixels an inch of a saved figure, and of images in an SVG
Wide = Literal["outside lower center", "outside lower left", "outside upper center"]
WIDTH_OF_A_LETTER = 0.62  # of its height, more than the mean, so that wide letters fit
MOST_CLASSES = 40  # a figure has no room for more bars, cells and colors
BLUE, ORANGE, GRAY = "#3f90da", "#e76300", "#8c8c8c"

STYLE: dict[Any, Any] = {
    "font.size": 10,
    "font.family": "sans-serif",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "legend.frameon": False,
    "text.parse_math": False,  # names of classes and runs are data: "$" in them is no formula
    "svg.hashsalt": "fercli",  # the same figure gives the same file
    "image.composite_image": False,  # merging the images of one pair of axes in SVG takes twice the time
}


@dataclass(frozen=True, slots=True)
class Points:
    """Samples that a page shows under the pointer, as dots of the first axes of a figure.

    Attributes:
        places: (n, 2) in the coordinates of the axes.
        words: n texts, such as the true and the predicted class.
        images: of the first samples, at most n arrays (H, W), (H, W, 1) or (H, W, 3) uint8.
    """

    places: np.ndarray
    words: Sequence[str]
    images: Sequence[np.ndarray] = ()


class NamedFigure(NamedTuple):
    """A figure with the name of its file, without a suffix, and the caption that stands below it on a page."""

    name: str
    caption: str
    figure: Figure
    points: Points | None = None


styled = mpl.rc_context(STYLE)  # decorates every function that draws, because axes take their style as they are drawn


def class_colors(classes: Sequence[str]) -> list[str]:
    """Return one color per class: fixed for expressions, by position for other classes (they repeat after ten)."""
    return [EXPRESSION_COLORS.get(name, OTHER_COLORS[i % len(OTHER_COLORS)]) for i, name in enumerate(classes)]


def new_figure(
    num_rows: int = 1, num_columns: int = 1, width: float = 6.0, height: float = 4.0, same_axes: bool = False
) -> tuple[Figure, np.ndarray]:
    """Return an empty figure and its axes (num_rows, num_columns); width and height of the whole figure in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(num_rows, num_columns, squeeze=False, sharex=same_axes, sharey=same_axes)


def class_legend(figure: Figure, classes: Sequence[str]) -> None:
    """Add a legend right of the axes: the name of each class after a dot in its color."""
    handles = [
        Line2D([], [], linestyle="", marker="o", markersize=6, color=color, label=name)
        for name, color in zip(classes, class_colors(classes), strict=True)
    ]
    figure.legend(handles=handles, loc="outside right center", fontsize=9)


def wide_legend(figure: Figure, handles: Sequence[Artist], place: Wide, ncols: int = 1, fontsize: float = 9) -> None:
    """Add a legend above or below all axes, where names have more room than beside them.

    Args:
        handles: with their labels.
        place: of matplotlib's `loc`.
        ncols: columns of the legend.
        fontsize: in points.
    """
    legend = figure.legend(handles=handles, loc=place, ncols=ncols, fontsize=fontsize)
    room = 72 * figure.get_figwidth() / ncols / fontsize  # of a column, in letters as wide as they are high
    legend.set_gid(f"{WIDE}{max(MOST_IN_A_LEGEND, int((room - 4) / WIDTH_OF_A_LETTER))}")


def horizontal_grid(axes: Axes) -> None:
    """Add light lines to read heights by."""
    axes.grid(axis="y")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG or SVG, by the suffix of `path`; make its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(figure_bytes(figure, path.suffix.lstrip(".")))


@styled
def figure_bytes(figure: Figure, format: str) -> bytes:
    """Return a figure as `png` or `svg`, the same bytes each time."""
    out = io.BytesIO()
    before = figure.canvas
    FigureCanvasAgg(figure)  # it measures the texts once: for the layout and for the PNG
    lay_out(figure)
    figure.savefig(out, format=format, dpi=DPI, facecolor="white", metadata={"Date": None} if format == "svg" else None)
    figure.set_canvas(before)  # so that the pixels are not kept with the figure
    return out.getvalue()


def lay_out(figure: Figure) -> None:
    """Shorten the names in a figure, and give its parts their places for good.

    Matplotlib looks for the places anew for each file, and to do so draws each file twice.
    """
    shorten_names(figure)
    engine = figure.get_layout_engine()
    if engine is None:
        return
    before, figure.dpi = figure.dpi, DPI
    engine.execute(figure)
    figure.dpi = before
    figure.set_layout_engine(None)
