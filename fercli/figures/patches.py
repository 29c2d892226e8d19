"""The 24 patches of a face, and the gates that weigh them.

The origin of patch centers is the corner of the image, as in `fercli.ops.patches`. The origin of landmarks is the
center of the first pixel, as in a batch.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.figure import BLUE, OTHER_COLORS, NamedFigure, horizontal_grid, new_figure, styled, wide_legend
from fercli.figures.needs import Needs
from fercli.figures.severity import spread_colors
from fercli.figures.shown import pick_rows, seen, titles_of
from fercli.methods.shown import CutsPatches
from fercli.ops.patches import CORNERS, DIRECT, MIDPOINTS, NUM_PATCHES, USED, WINDOW, PatchRule, window_starts
from fercli.ops.severity import severity
from fercli.scales import Scale

NEEDS = Needs.RUN
DIRECT_COLOR, MIDPOINT_COLOR, CHEEK_COLOR, CORNER_COLOR = OTHER_COLORS[:4]
NUM_CHEEKS = 2  # the last of the midpoints
KINDS = [
    *[DIRECT_COLOR] * len(DIRECT),
    *[MIDPOINT_COLOR] * (len(MIDPOINTS) - NUM_CHEEKS),
    *[CHEEK_COLOR] * NUM_CHEEKS,
    *[CORNER_COLOR] * len(CORNERS),
]
SEVERITY_COLORS = ("#a6cee3", "#5a9bd4", "#2a5fa8", "#0b2559")  # light to dark
GATES = ScalarMappable(Normalize(0, 1), "inferno")
NUM_EACH = 3


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the figures of methods that weigh patches by gates."""
    method, columns = evaluated.method, evaluated.evaluation.columns
    rows = pick_rows(columns, NUM_EACH)
    gated = "gates" in columns and columns["gates"].shape[1] >= NUM_PATCHES
    if len(rows) == 0 or not (gated and isinstance(method, CutsPatches)):
        return
    shown = seen(evaluated, rows)
    found = method.drawn_patches(shown.batch)
    caption = "How the patches of a face come about; windows as the network cuts them from its feature map"
    drawn = patch_figure(shown.images[0], found.landmarks[0], found.rule, found.stride)
    yield NamedFigure("patches", caption, drawn)
    caption = "Gates of the patches, from recordings of low scores to high ones"
    drawn = gate_figure(shown.images, found.centers, columns["gates"][rows], titles_of(evaluated, rows), found.stride)
    yield NamedFigure("gates", caption, drawn)
    if (scale := evaluated.data.store.scale).bands:
        caption = "Mean gate of each patch by the severity of the recording"
        drawn = gates_by_severity_figure(columns["gates"], columns["score"], scale)
        yield NamedFigure("gates_by_severity", caption, drawn)


@styled
def patch_figure(image: np.ndarray, landmarks: np.ndarray, rule: PatchRule | None = None, stride: int = 8) -> Figure:
    """Draw how the patches of a face are made: all landmarks, those used, the centers by kind, and the windows.

    Args:
        image: (H, W), (H, W, 1) or (H, W, 3) uint8, square.
        landmarks: (68, 2) in pixels.
        rule: from landmarks to centers; None for the default rule.
        stride: pixels of the image per cell of the feature map.

    Source: He, Chan and Wang 2021, figure 3, which shows parts of the image as windows; the last panel here draws the
    windows on the feature map, where the network cuts them.
    """
    points = torch.from_numpy(np.asarray(landmarks, np.float64))[None] + 0.5
    centers = (rule or PatchRule()).centers(points, len(image))
    starts = window_starts(centers, 1 / stride)[0].numpy() * stride - 0.5
    figure, axes = new_figure(1, 4, width=13.0, height=3.8)
    titles = (f"{len(landmarks)} landmarks", f"{len(USED)} of them", f"{NUM_PATCHES} centers", f"{NUM_PATCHES} windows")
    for panel, title in zip(axes[0], titles, strict=True):
        _show(panel, image)
        panel.set_title(title)
    used = [number - 1 for number in USED]
    axes[0, 0].scatter(landmarks[:, 0], landmarks[:, 1], s=8, color=BLUE, edgecolors="white", linewidths=0.4)
    _numbered(axes[0, 1], landmarks[used], USED, [BLUE] * len(USED))
    _numbered(axes[0, 2], centers[0].numpy() - 0.5, range(1, NUM_PATCHES + 1), KINDS)
    for (left, top), color in zip(starts, KINDS, strict=True):
        side = WINDOW * stride
        axes[0, 3].add_patch(Rectangle((left, top), side, side, fill=False, edgecolor=color, linewidth=1.1))
    legend = ("on landmarks", "eyes", "cheeks", "beside the mouth")
    colors = (DIRECT_COLOR, MIDPOINT_COLOR, CHEEK_COLOR, CORNER_COLOR)
    dots = [
        axes[0, 2].scatter([], [], s=30, color=color, label=name) for name, color in zip(legend, colors, strict=True)
    ]
    wide_legend(figure, dots, "outside lower center", ncols=len(dots))
    return figure


@styled
def gate_figure(
    images: Sequence[np.ndarray],
    centers: np.ndarray,
    gates: np.ndarray,
    titles: Sequence[str],
    stride: int = 8,
    num_columns: int = 6,
) -> Figure:
    """Draw gates over faces: a pixel shows the mean gate of the windows that cover it, a center its own gate.

    Args:
        images: n arrays (H, W), (H, W, 1) or (H, W, 3) uint8, square.
        centers: (n, 24, 2) of the patches in pixels.
        gates: (n, 24), or (n, 25) with the gate of the whole face last, which is drawn as a bar below the face.
        titles: n lines, such as true and predicted score.
        stride: pixels of the image per cell of the feature map.
        num_columns: faces in a row.
    """
    assert gates.shape[1] in (NUM_PATCHES, NUM_PATCHES + 1), gates.shape
    num_columns = min(num_columns, max(1, len(images)))
    num_rows = max(1, -(-len(images) // num_columns))
    figure = Figure(figsize=(2.0 * num_columns + 0.9, 2.55 * num_rows), layout="constrained")
    axes = figure.subplots(
        2 * num_rows, num_columns, squeeze=False, gridspec_kw={"height_ratios": [1, 0.06] * num_rows}
    )
    for cell in axes.flat:
        cell.set_axis_off()
    for i, (image, title) in enumerate(zip(images, titles, strict=True)):
        row, column = divmod(i, num_columns)
        face, bar = axes[2 * row, column], axes[2 * row + 1, column]
        _show(face, np.asarray(image) if np.squeeze(image).ndim == 2 else np.asarray(image).mean(2))
        heat = gate_heat(centers[i], gates[i, :NUM_PATCHES], len(image), stride)
        face.imshow(heat, cmap=GATES.cmap, norm=GATES.norm, alpha=0.55)
        x, y = centers[i].T - 0.5
        look = {"cmap": GATES.cmap, "norm": GATES.norm, "edgecolors": "white", "linewidths": 0.6}
        face.scatter(x, y, s=14, c=gates[i, :NUM_PATCHES], **look)
        face.set_title(title, fontsize=8, weight="normal", loc="center", pad=3)
        if gates.shape[1] > NUM_PATCHES:
            _global_bar(bar, float(gates[i, -1]))
    colors = figure.colorbar(GATES, ax=axes, shrink=0.6, aspect=28, ticks=[0, 0.5, 1])
    colors.outline.set_visible(False)
    colors.set_label("gate", fontsize=8)
    colors.ax.tick_params(labelsize=8)
    return figure


def gate_heat(centers: np.ndarray, gates: np.ndarray, size: int, stride: int = 8) -> np.ndarray:
    """Return the mean gate (size, size) of all windows that cover a pixel, NaN where no window does.

    Args:
        centers: (24, 2) of the patches in pixels.
        gates: (24,).
        size: height and width of the image.
        stride: pixels of the image per cell of the feature map.
    """
    total, count = np.zeros((size, size)), np.zeros((size, size))
    starts = window_starts(torch.from_numpy(np.asarray(centers, np.float64))[None], 1 / stride)[0].numpy() * stride
    for (left, top), gate in zip(starts, gates, strict=True):
        end_x, end_y = left + WINDOW * stride, top + WINDOW * stride
        window = (slice(max(top, 0), max(end_y, 0)), slice(max(left, 0), max(end_x, 0)))
        total[window] += gate
        count[window] += 1
    return np.divide(total, count, out=np.full((size, size), np.nan), where=count > 0)


@styled
def gates_by_severity_figure(gates: np.ndarray, score: np.ndarray, scale: Scale) -> Figure:
    """Draw the mean gate of each patch, for each severity band that has samples.

    Args:
        gates: (N, 24), or (N, 25) with the gate of the whole face last.
        score: (N,) points; samples of unknown score (NaN) are left out.
        scale: must have bands.
    """
    assert gates.shape[1] in (NUM_PATCHES, NUM_PATCHES + 1), gates.shape
    known = np.isfinite(score)
    band = severity(score[known], scale)
    figure, axes = new_figure(width=9.0, height=3.6)
    panel = axes[0, 0]
    names = [str(number) for number in range(1, NUM_PATCHES + 1)] + ["whole"] * (gates.shape[1] - NUM_PATCHES)
    places = [*range(NUM_PATCHES), NUM_PATCHES + 1][: len(names)]  # a gap before the whole face
    colors = spread_colors(SEVERITY_COLORS, len(scale.bands))
    for index, (name, color) in enumerate(zip(scale.names, colors, strict=True)):
        chosen = gates[known][band == index]
        if len(chosen):
            label = f"{name} ({len(chosen)})"
            panel.plot(places, chosen.mean(0), color=color, marker="o", markersize=5, linestyle="", label=label)
    panel.set_xticks(places, names, fontsize=8)
    panel.set_xlabel("patch")
    panel.set_ylabel("mean gate")
    horizontal_grid(panel)
    figure.legend(loc="outside right center", fontsize=9, title="severity (samples)", title_fontsize=9)
    return figure


def _show(panel: Axes, image: np.ndarray) -> None:
    panel.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=255)
    panel.set_axis_off()
    panel.set_autoscale_on(False)


def _numbered(panel: Axes, points: np.ndarray, numbers: Sequence[int], colors: Sequence[str]) -> None:
    panel.scatter(points[:, 0], points[:, 1], s=75, color=colors, edgecolors="white", linewidths=0.5)
    for (x, y), number in zip(points, numbers, strict=True):
        panel.text(x, y, str(number), fontsize=5.5, color="white", ha="center", va="center_baseline")


def _global_bar(panel: Axes, gate: float) -> None:
    panel.barh(0, 1, color="#e4e4e4")
    panel.barh(0, gate, color=GATES.cmap(gate))
    panel.text(1.03, 0, f"whole {gate:.2f}", fontsize=7, va="center")
    panel.set_xlim(0, 1.45)
