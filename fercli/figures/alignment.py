"""The figure of how faces get from raw images into a store."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fercli.figures.figure import BLUE, ORANGE, new_figure, styled
from fercli.records import Steps

TITLES = ("raw image", "aligned", "cropped")


@styled
def alignment_figure(examples: Sequence[Steps]) -> Figure:
    """Draw a row for each image: raw with the box and the landmarks of its face, aligned, and cropped.

    Args:
        examples: at least one.

    Source: Antoniadis 2021, figure 3.1.2.
    """
    figure, axes = new_figure(len(examples), len(TITLES), width=7.2, height=2.4 * len(examples) + 0.3)
    for cell in axes.flat:
        cell.set_axis_off()
    for (raw, aligned, crop), example in zip(axes, examples, strict=True):
        for cell, image in ((raw, example.raw), (aligned, example.aligned), (crop, example.crop)):
            cell.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=255)
            cell.set_autoscale_on(False)
        left, top, right, bottom = example.box
        raw.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor=ORANGE, linewidth=1.4))
        dots = 22 if len(example.points) <= 5 else 6
        raw.scatter(*example.points.T, s=dots, color=BLUE, edgecolors="white", linewidths=0.5)
        side = len(example.crop)
        frame = Rectangle((side / 2 - 0.5, side / 2 - 0.5), side, side, fill=False, edgecolor=ORANGE, linewidth=1.4)
        aligned.add_patch(frame)
    for cell, title in zip(axes[0], TITLES, strict=True):
        cell.set_title(title, loc="center")
    return figure
