"""Grids of images in one pair of axes: a pair of axes for each image takes several times as long to draw."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fercli.figures.figure import new_figure

SHARE = 0.94  # of a cell that its image takes
GRAY_SCALE = {"cmap": "gray", "vmin": 0, "vmax": 255}


def image_grid(num_columns: int, num_lines: float, width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure for images, and its axes: a cell for an image is 1 wide and 1 high, from the upper left.

    Args:
        num_columns: cells in a row.
        num_lines: height of the grid in cells, with the room for titles.
        width: of the whole figure in inches.
        height: of the whole figure in inches.
    """
    figure, ((axes,),) = new_figure(width=width, height=height)
    axes.set(xlim=(0, num_columns), ylim=(num_lines, 0), aspect="equal", anchor="NW", xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    return figure, axes


def draw_image(
    axes: Axes, image: np.ndarray, column: int, top: float, like: np.ndarray | None = None, **look: Any
) -> None:
    """Draw an image (H, W), (H, W, 1) or (H, W, 3) in the middle of the cell of a column that begins at `top`.

    Args:
        like: an image whose shape it is stretched to, as a heat map over an image.
        look: options of `Axes.imshow`; without any, gray values are 0 to 255.
    """
    height, width = np.shape(image if like is None else like)[:2]
    x, y, scale = column + 0.5, top + 0.5, SHARE / 2 / max(height, width)
    place = (x - scale * width, x + scale * width, y + scale * height, y - scale * height)
    axes.imshow(image[..., 0] if np.shape(image)[2:] == (1,) else image, extent=place, **(look or GRAY_SCALE))


def write_above(axes: Axes, text: str, column: int, top: float, color: str = "black") -> None:
    """Write the title of the image in the cell of a column that begins at `top`."""
    axes.text(column + 0.5, top, text, fontsize=7.5, color=color, ha="center", va="bottom")
