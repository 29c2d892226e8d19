"""The bands of a scale of severity as a background for scores."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex

from fercli.scales import Scale

# Light tints of one hue, from the least to the most severe, so that data drawn over them stay readable.
SEVERITY_COLORS = ("#f7f7fb", "#e9e6f3", "#d6d0e8", "#bfb5da")
SHOWN = 45 / 63  # part of the range that figures always show; few recordings are more severe
HALF_POINT = 0.5  # a band begins this far below its first whole score: 13.5 is rounded into the second band


def spread_colors(colors: Sequence[str], number: int) -> list[str]:
    """Return a number of colors from the first to the last of some colors, evenly spread between them."""
    spread = LinearSegmentedColormap.from_list("", colors)(np.linspace(0, 1, number))
    return [to_hex(color) for color in spread]


def draw_severity_bands(axes: Axes, lowest: float, highest: float, scale: Scale) -> None:
    """Draw a stripe for each severity band, its name at the right border, and limit the vertical axis.

    A scale without bands has no stripes. A band that lies outside of the limits is left out.
    """
    edges = [lowest, *(first - HALF_POINT for first in scale.firsts[1:]), highest]
    axes.set_ylim(lowest, highest)
    colors = spread_colors(SEVERITY_COLORS, len(scale.bands))
    for name, color, (low, high) in zip(scale.names, colors, pairwise(edges), strict=False):
        low, high = max(low, lowest), min(high, highest)
        if low >= high:
            continue
        axes.axhspan(low, high, color=color, linewidth=0, zorder=-2)
        axes.text(
            0.995,
            (low + high) / 2,
            name,
            transform=axes.get_yaxis_transform(),
            ha="right",
            va="center",
            fontsize=7.5,
            color="#6a6480",
            zorder=-1,
        )
