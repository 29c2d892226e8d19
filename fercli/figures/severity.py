"""The bands of severity as a background for depression scores."""

from itertools import pairwise

from matplotlib.axes import Axes

from fercli.ops.severity import FIRST_POINTS, SEVERITIES

# Light tints of one hue, from the least to the most severe, so that data drawn over them stay readable.
SEVERITY_COLORS = ("#f7f7fb", "#e9e6f3", "#d6d0e8", "#bfb5da")
HALF_POINT = 0.5  # a band begins this far below its first whole score: 13.5 is rounded into the second band


def draw_severity_bands(axes: Axes, lowest: float, highest: float) -> None:
    """Draw a horizontal stripe for each severity band, its name at the right border, and limit the vertical axis."""
    edges = [lowest, *(first - HALF_POINT for first in FIRST_POINTS[1:]), highest]
    axes.set_ylim(lowest, highest)
    for name, color, (low, high) in zip(SEVERITIES, SEVERITY_COLORS, pairwise(edges), strict=True):
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
