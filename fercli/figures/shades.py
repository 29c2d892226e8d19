"""Cells of heat maps, as shades that lie over the page: on a dark page, a small value is dark."""

from typing import Any

from matplotlib.colorbar import Colorbar
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

BLUE, RED = (0.13, 0.44, 0.71), (0.70, 0.09, 0.17)  # white text can be read on both
SHADES = LinearSegmentedColormap.from_list("shades", [(*BLUE, 0.0), (*BLUE, 1.0)])  # from 0 to the largest value
SIGNED = LinearSegmentedColormap.from_list(  # from -1 to 1
    "signed", [(0.0, (*BLUE, 1.0)), (0.5, (*BLUE, 0.0)), (0.5, (*RED, 0.0)), (1.0, (*RED, 1.0))]
)
FULL = 0.8  # of the largest shade, from which text is white on a light page, too


def text_on(shade: float) -> str:
    """Return the color of text on a cell, whose shade is 0 to 1: that of the page's text, unless the cell is full."""
    return "white" if shade > FULL else "#333333"


def color_bar(figure: Figure, image: AxesImage, axes: Any, label: str, **options: Any) -> Colorbar:
    """Draw the color bar of a heat map."""
    bar = figure.colorbar(image, ax=axes, shrink=0.7, aspect=28, **options)
    bar.outline.set_visible(False)
    assert bar.solids is not None  # an image has shades
    bar.solids.set_rasterized(True)  # shades side by side would show seams
    bar.set_label(label)
    return bar
