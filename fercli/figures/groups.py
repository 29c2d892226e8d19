"""Metrics by group of rows: a dot and an interval for each group."""

from collections.abc import Iterator, Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fercli.engine.evaluation import EvaluatedRun
from fercli.facts import Facts
from fercli.figures.figure import BLUE, GRAY, NamedFigure, new_figure, styled
from fercli.figures.needs import Needs
from fercli.tables.columns import measured
from fercli.tables.groups import shown_metrics

NEEDS = Needs.PREDICTIONS
MOST_LINES = 60  # a figure with more could not be read


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the figure of runs whose rows are divided into groups."""
    result = evaluated.result
    groups = result.get("groups", {"by": {}})
    if groups["by"] and shown_metrics(groups):
        caption = "Each metric by group, with 95 % intervals; the line is the value over all samples"
        yield NamedFigure("groups", caption, groups_figure(result))


@styled
def groups_figure(result: Mapping[str, Any]) -> Figure:
    """Draw a panel for each shown metric, and in it a line for each group; a group that is too small has no dot.

    Args:
        result: content of a `metrics.json` with `groups`.
    """
    groups = result["groups"]
    names = [name for name in result["metrics"] if name in shown_metrics(groups)]
    lines = [(by, name, group) for by, one in groups["by"].items() for name, group in one["groups"].items()]
    lines = lines[:MOST_LINES]
    figure, axes = new_figure(num_columns=len(names), width=2.6 + 2.4 * len(names), height=1.1 + 0.3 * len(lines))
    for metric, panel in zip(names, axes[0], strict=True):
        _draw(panel, result, metric, lines)
        panel.sharey(axes[0, 0])
    first = axes[0, 0]
    labels = [f"{name} ({group['num_rows']:,})" for _, name, group in lines]
    first.set_yticks(range(len(lines)), labels)
    first.set_ylim(len(lines) - 0.5, -0.5)
    for panel in axes[0, 1:]:
        panel.tick_params(axis="y", labelleft=False)
    return figure


def _draw(axes: Axes, result: Mapping[str, Any], metric: str, lines: list[tuple[str, str, dict[str, Any]]]) -> None:
    facts = {metric: Facts.of(result["metrics"][metric], f"metrics.json: metric '{metric}'")}
    axes.axvline(measured(metric, result["metrics"][metric]["value"], facts), color=GRAY, linewidth=1, zorder=0)
    for place, (_, _, group) in enumerate(lines):
        score = group["metrics"].get(metric, {})
        if "value" not in score:
            axes.text(
                0.5,
                place,
                "too few",
                transform=axes.get_yaxis_transform(),
                ha="center",
                va="center",
                fontsize=8,
                color=GRAY,
            )
            continue
        if "low" in score:
            ends = [measured(metric, score[end], facts) for end in ("low", "high")]
            axes.plot(ends, [place, place], color=BLUE, linewidth=2.5, alpha=0.45, solid_capstyle="butt")
        axes.plot(measured(metric, score["value"], facts), place, "o", color=BLUE, markersize=5)
    for place in range(1, len(lines)):
        if lines[place][0] != lines[place - 1][0]:
            axes.axhline(place - 0.5, color="#cccccc", linewidth=1)
    unit = f" ({facts[metric].unit})" if facts[metric].unit else ""
    axes.set(xlabel=f"{facts[metric].label}{unit}")
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
