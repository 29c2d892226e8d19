"""Predicted scores, valence and arousal of the people of a video over time."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fercli.figures.figure import OTHER_COLORS, horizontal_grid, new_figure, styled
from fercli.figures.severity import SHOWN, draw_severity_bands
from fercli.scales import Scale

MOST_LINES = 8  # people with a line; more would hide each other
MOST_BANDS = 2  # people with a band of the error; more would hide each other
LABELS = {"score": "score (points)", "valence": "valence", "arousal": "arousal"}


@styled
def over_time_figure(
    rows: Sequence[Mapping[str, Any]], errors: Mapping[str, float], scale: Scale, title: str = ""
) -> Figure:
    """Draw a panel for each output and a line for each person; a band around it is the error on held-out data.

    A line is broken where a person is out of sight. Of many people, the first `MOST_LINES` are drawn, without bands.

    Args:
        rows: one for each person and second, with `person`, `second` and the mean outputs of that second.
        errors: column to the error of its run on held-out data, in the unit of the output.
        scale: of the scores.
        title: above the figure.
    """
    outputs = [name for name in dict.fromkeys(key for row in rows for key in row) if _kind(name) in LABELS]
    people = list(dict.fromkeys(row["person"] for row in rows))
    figure, axes = new_figure(len(outputs), 1, width=9.0, height=2.3 * len(outputs) + 0.9)
    for panel, output in zip(axes[:, 0], outputs, strict=True):
        for person, color in zip(people[:MOST_LINES], OTHER_COLORS, strict=False):
            known = [row for row in rows if row["person"] == person and output in row]
            error = errors.get(output, 0.0) if len(people) <= MOST_BANDS else 0.0
            _line(panel, known, output, error, color, person)
        _frame(panel, output, errors, scale)
    axes[0, 0].set_title(title)
    axes[-1, 0].set_xlabel("seconds")
    if len(people) > 1:
        more = f" (and {len(people) - MOST_LINES} more people)" if len(people) > MOST_LINES else ""
        axes[0, 0].legend(fontsize=8, loc="upper left", ncols=4, title=more or None)
    return figure


def _kind(column: str) -> str:
    """Return `score` for `predicted_score` and `run2_predicted_score`, and so on."""
    return column.rpartition("predicted_")[2]


def _line(panel: Axes, rows: Sequence[Mapping[str, Any]], output: str, error: float, color: str, person: str) -> None:
    pieces = groupby(enumerate(rows), key=lambda pair: pair[1]["second"] - pair[0])  # seconds that follow each other
    for number, (_, piece) in enumerate(pieces):
        found = [(row["second"] + 0.5, row[output]) for _, row in piece]
        time, value = np.array(found).T
        panel.plot(time, value, color=color, linewidth=1.4, marker="o", markersize=3, label="" if number else person)
        if error:
            panel.fill_between(time, value - error, value + error, color=color, alpha=0.15, linewidth=0)


def _frame(panel: Axes, output: str, errors: Mapping[str, float], scale: Scale) -> None:
    kind = _kind(output)
    panel.set_ylabel(scale.unit if kind == "score" else LABELS[kind])
    horizontal_grid(panel)
    if kind == "score":
        drawn = [float(number) for line in panel.get_lines() for number in np.asarray(line.get_ydata())]
        reached = min(scale.high, max(drawn, default=scale.low) + errors.get(output, 0.0))
        highest = max([scale.low + SHOWN * (scale.high - scale.low), reached, *drawn])
        lowest = min([scale.low, *drawn])
        draw_severity_bands(panel, lowest - 0.5, highest + 0.5, scale)  # the scale ends there, though the error may not
    else:
        panel.set_ylim(-1.05, 1.05)
    if output in errors:
        panel.annotate(
            f"error on held-out data: \N{PLUS-MINUS SIGN} {errors[output]:.2g}", (0.01, 0.03),
            xycoords="axes fraction", fontsize=7.5, color="#555555",
        )  # fmt: skip
