"""A strip of frames of a video, with the predictions of several runs."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fercli.figures.figure import GRAY, new_figure, styled

WIDTH = 1.8  # inches of a moment


@styled
def strip_figure(
    times: Sequence[float],
    pictures: Sequence[np.ndarray],
    faces: Sequence[np.ndarray | None],
    said: Sequence[Sequence[str]],
    runs: Sequence[str],
    title: str = "",
) -> Figure:
    """Draw a column for each moment: the time, the whole frame, the face, and the text of each run.

    Args:
        times: n seconds.
        pictures: n frames (H, W, 3) uint8, all of one shape.
        faces: n arrays (S, S, 3) uint8; None where no face was found.
        said: for each moment, the text of each run; empty where a run predicts nothing.
        runs: their names.
        title: above the figure.

    Source: Lin 2021, figure 3-2: one clip, predicted from the faces and from the scenes.
    """
    aspect = pictures[0].shape[0] / pictures[0].shape[1]
    names = [textwrap.fill(name.replace("_", " "), 26) for name in runs]
    lines = max([1, *(text.count("\n") + 1 for texts in [names, *said] for text in texts)])
    heights = [WIDTH * aspect + 0.2, WIDTH, *[0.1 + 0.16 * lines] * len(runs)]
    widths = [2.0, *[WIDTH] * len(times)]
    figure, axes = new_figure(len(heights), len(widths), width=1.04 * sum(widths), height=sum(heights) + 0.4)
    figure.set_layout_engine("constrained", w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    axes[0, 0].get_gridspec().set_height_ratios(heights)
    axes[0, 0].get_gridspec().set_width_ratios(widths)
    for cell in axes.flat:
        cell.set_axis_off()
    for cell, name in zip(axes[2:, 0], names, strict=True):
        _say(cell, name, x=0.0, ha="left", weight="bold")
    for column, time, picture, face, texts in zip(axes.T[1:], times, pictures, faces, said, strict=True):
        column[0].imshow(picture)
        column[0].set_title(f"{time:.1f} s", fontsize=9, weight="normal", loc="center")
        if face is None:
            _say(column[1], "no face found", color=GRAY)
        else:
            column[1].imshow(face)
        for cell, text in zip(column[2:], texts, strict=True):
            _say(cell, text or "-")
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, weight="bold")
    return figure


def _say(cell: Axes, text: str, x: float = 0.5, ha: str = "center", **style: str) -> None:
    said = cell.text(x, 0.5, text, ha=ha, va="center", transform=cell.transAxes, fontsize=8.5, **style)  # type: ignore[arg-type]
    said.set_in_layout(False)  # images keep their places, however long the texts are
