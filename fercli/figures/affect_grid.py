"""Samples as images, each above its true and predicted places in the plane of valence and arousal."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from fercli.figures.affect import draw_plane
from fercli.figures.figure import BLUE, GRAY, ORANGE, new_figure, styled, wide_legend

PLANE_END = 1.05  # of the plane that is drawn
MARKS = ((BLUE, "o"), (ORANGE, "X"), ("#832db6", "P"))


@dataclass(frozen=True, slots=True)
class Places:
    """True or predicted labels of n samples: `affect` (n, 2) valence and arousal; `expressions`, n class names."""

    label: str
    affect: np.ndarray
    expressions: Sequence[str] | None = None


@styled
def affect_grid_figure(images: Sequence[np.ndarray], places: Sequence[Places], titles: Sequence[str]) -> Figure:
    """Draw each image above its valence-arousal plane. Marks and text give its true and predicted labels.

    Args:
        images: n arrays (H, W), (H, W, 1) or (H, W, 3) uint8, in the order to be shown.
        places: the truth and the networks, at most as many as `MARKS`.
        titles: n titles, one for each plane.

    Source: Antoniadis 2021, figure 6.4.2.
    """
    num_columns = max(1, len(images))
    figure, axes = new_figure(2, num_columns, width=1.75 * num_columns + 0.3, height=3.9 + 0.17 * len(places))
    for cell in axes.flat:
        cell.set_axis_off()
    for i, (top, plane, image, title) in enumerate(zip(*axes, images, titles, strict=False)):
        top.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=255)
        plane.set_axis_on()
        draw_plane(plane)
        (between,) = plane.plot(*zip(*(place.affect[i] for place in places), strict=True), color=GRAY, linewidth=1)
        between.set_in_layout(False)  # nor the marks: a prediction far outside of the plane would move the other planes
        for line, (place, (color, marker)) in enumerate(zip(places, MARKS, strict=False)):
            words = f"{place.expressions[i] if place.expressions is not None else ''} {_pair(place.affect[i])}"
            height = 3 + 11 * (len(places) - 1 - line)
            style = {"ha": "center", "va": "bottom", "color": color, "fontsize": 8}
            top.annotate(words.strip(), (0.5, 1), (0, height), "axes fraction", "offset points", **style)
            (mark,) = plane.plot(*place.affect[i], marker, color=color, markersize=6, label=place.label)
            mark.set_clip_on(bool(np.abs(place.affect[i]).max() > PLANE_END))  # whole at the edge, absent outside
            mark.set_in_layout(False)
        plane.set_title(title, fontsize=8.5, weight="normal", loc="center", pad=3)
        plane.tick_params(labelsize=7, length=2)
        plane.set_xlabel("valence", fontsize=8, labelpad=1)
    axes[1, 0].set_ylabel("arousal", fontsize=8, labelpad=1)
    wide_legend(figure, axes[1, 0].get_legend_handles_labels()[0], "outside lower center", ncols=3)
    return figure


def _pair(affect: np.ndarray) -> str:
    valence, arousal = np.round(affect, 2) + 0.0  # + 0.0 turns -0.0 into 0.0
    return f"({valence:.2f}, {arousal:.2f})"
