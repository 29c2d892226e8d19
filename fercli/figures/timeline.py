"""Year against result: published numbers, what others got when they repeated them, and our own runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from fercli.figures.figure import GRAY, OTHER_COLORS, horizontal_grid, new_figure, styled, wide_legend
from fercli.published.comparison import Numbers
from fercli.published.comparison_runs import row_name
from fercli.published.protocol_words import in_words
from fercli.tables.columns import measured
from fercli.tables.table import Column

MOST_PROTOCOLS = 6  # with a color of their own; the others share one
MOST_LETTERS = 120  # of a protocol in the legend


@dataclass(frozen=True, slots=True)
class Point:
    """A published number; `repeated` is the best result of others who repeated it, None where nobody did."""

    label: str
    year: int
    value: float
    protocol: str
    repeated: float | None = None


def timeline(found: Numbers) -> Figure:
    """Draw year against result of these numbers."""
    points = []
    for number in found.prints:
        if number.year is not None:
            again = number.repeats["repeated"]
            best = again.min() if found.column.higher_is_better is False else again.max()
            repeated = None if again.empty else float(best)
            points.append(Point(number.name, number.year, number.value, in_words(number.protocol), repeated))
    own = {
        f"{row_name(row)}\nour run {row['run_id']} (n = {row['n']})": measured(
            found.column.key, row["value"], found.facts
        )
        for row in found.own.to_dict("records")
    }
    title = f"{found.printed}\ncolors are protocols; compare within one color only"
    return timeline_figure(points, own, found.column, title)


@styled
def timeline_figure(points: Sequence[Point], measured: Mapping[str, float], column: Column, title: str = "") -> Figure:
    """Draw a dot for each published number, colored by protocol, with a thin line to the result of its repeat.

    Args:
        points: the published numbers; the best of each year is named.
        measured: label to value of our own runs, drawn as levels over all years.
        column: of the metric.
        title: above the figure.
    """
    figure, ((axes,),) = new_figure(width=9.0, height=6.0)
    protocols = _protocols(points)
    colors = {name: OTHER_COLORS[i] if i < MOST_PROTOCOLS else GRAY for i, name in enumerate(protocols)}
    drawn: dict[int, list[float]] = {}
    for point in points:
        x = point.year + _beside(drawn.setdefault(point.year, []), point.value)
        axes.plot(x, point.value, "o", color=colors[point.protocol], markersize=6, alpha=0.85)
        if point.repeated is not None:
            axes.plot([x, x], [point.value, point.repeated], color=colors[point.protocol], linewidth=0.9)
            axes.plot(x, point.repeated, "o", color=colors[point.protocol], markerfacecolor="white", markersize=6)
    for point in _best_of_years(points, column):
        axes.annotate(point.label, (point.year, point.value), xytext=(7, 3), textcoords="offset points", fontsize=8)
    for i, (label, value) in enumerate(measured.items()):
        axes.axhline(value, color="#333333", linewidth=1, linestyle=("--", ":", "-.")[i % 3], label=label, zorder=0)
    axes.set(xlabel="year", ylabel=f"{column.label} ({column.unit})" if column.unit else column.label, title=title)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.xaxis.set_visible(bool(points))
    axes.margins(x=0.08)
    horizontal_grid(axes)
    handles = [_dot(colors[name], _short(name)) for name in protocols[:MOST_PROTOCOLS]]
    handles += [_dot(GRAY, "other protocols")] if len(protocols) > MOST_PROTOCOLS else []
    handles += [_dot("black", "repeated by others", "white")] if any(p.repeated is not None for p in points) else []
    handles += axes.get_legend_handles_labels()[0]
    if handles:
        wide_legend(figure, handles, "outside lower left", fontsize=8)
    return figure


def _protocols(points: Sequence[Point]) -> list[str]:
    """Return the protocols, those with most numbers first."""
    names, counts = np.unique([point.protocol for point in points], return_counts=True)
    return [str(name) for name in names[np.argsort(-counts, kind="stable")]]


def _beside(values: list[float], value: float) -> float:
    """Return a shift to the right for a number that would hide behind others of the same year."""
    near = sum(abs(value - other) < 0.15 for other in values)
    values.append(value)
    return 0.12 * near


def _best_of_years(points: Sequence[Point], column: Column) -> list[Point]:
    best: dict[int, Point] = {}
    sign = -1 if column.higher_is_better is False else 1
    for point in points:
        if point.year not in best or sign * point.value > sign * best[point.year].value:
            best[point.year] = point
    return list(best.values())


def _dot(color: str, label: str, face: str | None = None) -> Line2D:
    return Line2D([], [], linestyle="", marker="o", color=color, markerfacecolor=face or color, label=label)


def _short(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
