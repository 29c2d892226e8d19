"""What a page shows under the pointer: the values of lines, and the samples behind dots."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fercli.errors import printable
from fercli.figures.figure import Points
from fercli.figures.short_names import short
from fercli.figures.shorten import MOST_IN_A_LEGEND, MOST_OF_A_LINE
from fercli.pages.photos import MOST_THUMBNAILS, THUMBNAIL, thumbnail_sheet, webp_address

UNITS_PER_INCH = 72  # of an SVG
MOST_PLACES = 2000  # of one line, and of the dots of a figure: more cannot be told apart by a pointer


def hover_data(figure: Figure, points: Points | None) -> dict[str, Any]:
    """Return what lies where in the SVG of a figure that was drawn before; empty if there is nothing to show.

    Places are in the units of the `viewBox`. `panels` holds each pair of axes with labelled lines: its `box`, the name
    of `x`, and for each line its label, color, values and places. `dots` holds places and words of samples, the
    address of a sheet of thumbnails for the first of them, and the number of its columns.
    """
    found: dict[str, Any] = {}
    if panels := [panel for axes in figure.axes if axes.get_visible() and (panel := _panel(axes))["lines"]]:
        found["panels"] = panels
    if points is not None and len(points.places):
        found["dots"] = _dots(figure.axes[0], points)
    return found


def _panel(axes: Axes) -> dict[str, Any]:
    figure = axes.get_figure(root=True)
    assert figure is not None
    corners = _in_svg(figure, axes.bbox.get_points())
    left, bottom, right, top = (float(number) for number in corners.ravel())
    lines = [_line(line, figure) for line in axes.lines if _is_read(line, axes)]
    return {"box": [left, top, right, bottom], "x": printable(axes.get_xlabel()), "lines": lines}


def _is_read(line: Line2D, axes: Axes) -> bool:
    """Return whether a line carries values: lines without a label and those across the axes only mark a level."""
    is_labelled = not str(line.get_label()).startswith("_")
    return (
        is_labelled and line.get_transform() == axes.transData and 1 < len(np.asarray(line.get_xydata())) <= MOST_PLACES
    )


def _line(line: Line2D, figure: Figure) -> dict[str, Any]:
    values = np.asarray(line.get_xydata(), dtype=float)
    places = _in_svg(figure, line.get_transform().transform(values))
    known = np.isfinite(values).all(1) & np.isfinite(places).all(1)
    return {
        "label": short(str(line.get_label()).split("\n")[0], MOST_IN_A_LEGEND),
        "color": to_hex(line.get_color()),
        "values": [[f"{number:.4g}" for number in pair] for pair in values[known]],
        "places": np.round(places[known], 1).tolist(),
    }


def _dots(axes: Axes, points: Points) -> dict[str, Any]:
    figure = axes.get_figure(root=True)
    assert figure is not None
    places = _in_svg(figure, axes.transData.transform(points.places[:MOST_PLACES]))
    words = [[short(line, MOST_OF_A_LINE) for line in text.split("\n")] for text in points.words[:MOST_PLACES]]
    found: dict[str, Any] = {"places": np.round(places, 1).tolist(), "words": words}
    if images := list(points.images[:MOST_THUMBNAILS]):
        sheet, num_columns = thumbnail_sheet(images)
        found |= {"sheet": webp_address(sheet), "columns": num_columns, "images": len(images), "side": THUMBNAIL}
    return found


def _in_svg(figure: Figure, pixels: np.ndarray) -> np.ndarray:
    """Return places (n, 2) on the canvas, whose y goes up, in the units of the SVG, whose y goes down."""
    width, height = figure.get_size_inches() * UNITS_PER_INCH
    share = np.asarray(pixels) / [figure.bbox.width, figure.bbox.height]
    return share * [width, -height] + [0, height]
