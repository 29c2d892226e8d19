"""What the disorder monitor saw over time."""

import textwrap
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fercli.errors import DataError
from fercli.figures.figure import BLUE, class_colors, horizontal_grid, new_figure, styled
from fercli.figures.severity import SHOWN, draw_severity_bands
from fercli.figures.shorten import MOST_OF_A_LINE
from fercli.monitor.settings import NOTICE, Settings

# Column of the table of the monitor: label, color.
ALERTS = {
    "bipolar_alert": ("bipolar", "#e76300"),
    "depression_alert": ("depression", "#0072b2"),
    "severity_alert": ("severity", "#832db6"),
}
OF_EMOTIONS = ("bipolar_alert", "depression_alert")


@styled
def timeline_figure(
    columns: Mapping[str, np.ndarray], classes: Sequence[str], settings: Settings, title: str = ""
) -> Figure:
    """Draw emotions, their entropy and the depression score over time, with alerts as bands and a notice below.

    Args:
        columns: (n,) each, the fields of `fercli.monitor.monitor.Window`; without scores, their panel is left out.
        classes: names of the emotions; each has a lane, even if it never occurs.
        settings: of the monitor: its threshold, and the scale of the scores.
        title: above the figure.

    Raises:
        DataError: no window was complete.

    Source: Lin 2021, figure 3-11.
    """
    if not len(columns["time"]):
        raise DataError(
            "expected at least one window of the monitor, found none: the video is shorter than a window, or it shows "
            "no face"
        )
    time = np.asarray(columns["time"], dtype=float)
    score = np.array([np.nan if value is None else value for value in columns["score"]], dtype=float)
    heights = [0.24 * len(classes) + 0.3, 1.5, 0.75] + ([1.7] if np.isfinite(score).any() else [])
    figure, axes = new_figure(len(heights), 1, width=9.0, height=sum(heights) + 1.2, same_axes=False)
    panels = list(axes[:, 0])
    panels[0].get_gridspec().set_height_ratios(heights)
    for panel in panels:
        panel.sharex(panels[-1])
        panel.tick_params(axis="x", labelbottom=panel is panels[-1])
    pieces = _pieces(time)
    _emotions(panels[0], time, pieces, columns["emotion"], classes)
    _line(panels[1], time, columns["entropy"], pieces)
    panels[1].axhline(settings.threshold, color="#333333", linewidth=1, linestyle="--")
    panels[1].annotate(
        f"unstable from {settings.threshold:g} on", (0, settings.threshold), xycoords=("axes fraction", "data"),
        xytext=(3, 2),         textcoords="offset points", fontsize=7.5, color="#333333",
    )  # fmt: skip
    panels[1].set(ylim=(0, 1.05 * np.log(len(classes))), ylabel="entropy (nats)")
    _alerts(panels[2], panels[:2], time, pieces, columns)
    if len(panels) > 3:
        _line(panels[3], time, score, pieces)
        scale, half = settings.scale, 0.5
        shown = scale.low + SHOWN * (scale.high - scale.low)
        lowest, highest = min(scale.low, np.nanmin(score)) - half, max(shown, np.nanmax(score)) + half
        draw_severity_bands(panels[3], lowest, highest, scale)
        panels[3].set_ylabel(scale.unit)
    panels[0].set_title(title)
    panels[-1].set(xlim=(time[0], max(time[-1], time[0] + 1e-3)), xlabel="seconds")
    figure.supxlabel(textwrap.fill(NOTICE, MOST_OF_A_LINE), fontsize=8.5, color="#555555")
    return figure


def _pieces(time: np.ndarray) -> list[slice]:
    """Return the stretches without a gap; a gap is a step longer than five median steps."""
    steps = np.diff(time)
    ends = np.flatnonzero(steps > 5 * np.median(steps)) + 1 if len(steps) else np.array([], dtype=int)
    borders = [0, *ends.tolist(), len(time)]
    return [slice(start, end) for start, end in pairwise(borders)]


def _spans(time: np.ndarray, holds: np.ndarray, pieces: list[slice]) -> list[tuple[float, float]]:
    """Return start and duration of each stretch in which `holds` is true; a window lasts until the next one."""
    spans = []
    step = float(np.median(np.diff(time))) if len(time) > 1 else 0.0
    for piece in pieces:
        edges = np.flatnonzero(np.diff(np.concatenate([[False], holds[piece], [False]]).astype(int)))
        for start, end in edges.reshape(-1, 2):
            first, last = time[piece][start], time[piece][end - 1]
            spans.append((float(first), float(last - first + step)))
    return spans


def _emotions(axes: Axes, time: np.ndarray, pieces: list[slice], emotions: np.ndarray, classes: Sequence[str]) -> None:
    for lane, (name, color) in enumerate(zip(classes, class_colors(classes), strict=True)):
        axes.broken_barh(
            _spans(time, np.asarray(emotions) == name, pieces), (lane - 0.4, 0.8), color=color, linewidth=0
        )
    axes.set_yticks(range(len(classes)), classes)
    axes.set_ylim(len(classes) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelsize=8.5)
    axes.grid(axis="y")


def _line(axes: Axes, time: np.ndarray, values: np.ndarray, pieces: list[slice]) -> None:
    for piece in pieces:
        axes.plot(time[piece], np.asarray(values, dtype=float)[piece], color=BLUE, linewidth=1.3)
    horizontal_grid(axes)


def _alerts(
    lanes: Axes, panels: Sequence[Axes], time: np.ndarray, pieces: list[slice], columns: Mapping[str, np.ndarray]
) -> None:
    """Draw each alert in its lane, and alerts on emotions as light bands through the panels of emotions too."""
    for lane, (column, (_, color)) in enumerate(ALERTS.items()):
        spans = _spans(time, np.asarray(columns[column], dtype=bool), pieces)
        lanes.broken_barh(spans, (lane - 0.35, 0.7), color=color, linewidth=0)
        for panel in panels if column in OF_EMOTIONS else ():
            for start, duration in spans:
                panel.axvspan(start, start + duration, color=color, alpha=0.13, linewidth=0, zorder=-1)
    lanes.set_yticks(range(len(ALERTS)), [label for label, _ in ALERTS.values()])
    lanes.set(ylim=(len(ALERTS) - 0.5, -0.5), ylabel="alerts")
    lanes.tick_params(axis="y", length=0, labelsize=8.5)
    lanes.grid(axis="y")
