"""Charts that the losses of a network offer: curves, bars and arrows."""

from collections.abc import Iterator
from itertools import cycle

from matplotlib.figure import Figure
from matplotlib.patches import Circle

from fercli.charts import Arrows, Bars, Chart, Charted, Curves
from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.figure import (
    BLUE,
    GRAY,
    ORANGE,
    OTHER_COLORS,
    NamedFigure,
    class_colors,
    horizontal_grid,
    new_figure,
    styled,
)
from fercli.figures.needs import Needs

NEEDS = Needs.RUN


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the charts of all losses; a chart that two losses share comes once."""
    drawn = set()
    for loss in evaluated.method.objective.losses.values():
        for chart in loss.charts(evaluated.evaluation.network_classes) if isinstance(loss, Charted) else ():
            if chart.name not in drawn:
                drawn.add(chart.name)
                yield NamedFigure(chart.name, chart.caption, chart_figure(chart))


def chart_figure(chart: Chart) -> Figure:
    """Draw a chart by its kind."""
    if isinstance(chart, Curves):
        return curves_figure(chart)
    return bars_figure(chart) if isinstance(chart, Bars) else arrows_figure(chart)


@styled
def curves_figure(chart: Curves) -> Figure:
    """Draw a line for each label; levels are dashed."""
    figure, ((axes,),) = new_figure(width=5.6, height=3.6)
    for (label, (x, y)), color in zip(chart.lines.items(), cycle(OTHER_COLORS), strict=False):
        axes.plot(x, y, color=color, label=label)
    last = max(x[-1] for x, _ in chart.lines.values())
    for label, level in chart.levels.items():
        axes.axhline(level, color=GRAY, linewidth=1, linestyle="--", zorder=0)
        axes.annotate(label, (last, level), ha="right", va="bottom", fontsize=9, color="#555555")
    axes.set(xlim=(min(x[0] for x, _ in chart.lines.values()), last), ylim=chart.limits)
    axes.set(xlabel=chart.x_label, ylabel=chart.y_label, title=chart.title)
    axes.legend(fontsize=9)
    horizontal_grid(axes)
    return figure


@styled
def bars_figure(chart: Bars) -> Figure:
    """Draw a bar for each class, in the color of the class, with its value."""
    figure, ((axes,),) = new_figure(width=max(3.6, 0.7 * len(chart.names) + 0.8), height=3.2)
    bars = axes.bar(range(len(chart.names)), chart.values, color=class_colors(chart.names), width=0.75)
    axes.bar_label(bars, labels=[f"{value:.3g}" for value in chart.values], fontsize=8.5, padding=2)
    axes.set_xticks(range(len(chart.names)), chart.names, rotation=40, ha="right", rotation_mode="anchor")
    axes.tick_params(axis="x", length=0)
    axes.set(ylabel=chart.y_label, title=chart.title)
    axes.margins(y=0.12)
    horizontal_grid(axes)
    return figure


@styled
def arrows_figure(chart: Arrows) -> Figure:
    """Draw arrows inside the circle of features of length 1, and the fixed points as dots."""
    figure, ((axes,),) = new_figure(width=4.8, height=4.8)
    axes.add_patch(Circle((0, 0), 1, fill=False, color="#cccccc", linewidth=1))
    axes.quiver(*chart.points.T, *chart.vectors.T, angles="xy", color="#555555", width=0.004, scale=3)
    for (label, places), color in zip(chart.fixed.items(), (BLUE, ORANGE, *OTHER_COLORS), strict=False):
        axes.scatter(*places.T, color=color, s=45, zorder=3, label=label)
    axes.set(xlim=(-1.25, 1.25), ylim=(-1.25, 1.25), xlabel="first number", ylabel="second number")
    axes.set(title=chart.title, aspect="equal")
    axes.legend(fontsize=9, loc="lower right")
    return figure
