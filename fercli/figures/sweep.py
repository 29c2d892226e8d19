"""A metric against the values of one option."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from fercli.figures.figure import (
    OTHER_COLORS,
    NamedFigure,
    horizontal_grid,
    new_figure,
    styled,
)
from fercli.studies.aggregate import Results

REFERENCE_STYLES = ("--", ":", "-.")


def of_study(results: Results) -> Iterator[NamedFigure]:
    """Yield one figure per metric, where rows of the study have a value of the swept option."""
    study = results.plan.study
    swept = [row for row in study.trained if row.x is not None]
    values = sorted({row.x for row in swept if row.x is not None})
    for metric in study.metrics if len(values) > 1 else ():
        numbers = {row.label: np.array([*results.values(row.label, metric).values()]) for row in study.trained}
        curves = {}
        for curve in dict.fromkeys(row.curve for row in swept):
            at = {row.x: numbers[row.label] for row in swept if row.curve == curve and len(numbers[row.label])}
            mean = np.array([at[x].mean() if x in at else np.nan for x in values])
            spread = np.array([at[x].std(ddof=1) if x in at and len(at[x]) > 1 else np.nan for x in values])
            curves[curve or "measured"] = (mean, spread)
        references = {
            row.label: float(numbers[row.label].mean())
            for row in study.trained
            if row.x is None and len(numbers[row.label])
        }
        column = results.column(metric)
        label = f"{column.label} ({column.unit})" if column.unit else column.label
        if any(np.isfinite(mean).any() for mean, _ in curves.values()):
            caption = f"{column.label} against {study.x_label}: mean and standard deviation over seeds."
            drawn = sweep_figure(values, curves, references, study.x_label, label)
            yield NamedFigure(f"sweep_{metric}", caption, drawn)


@styled
def sweep_figure(
    values: Sequence[float],
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]],
    references: Mapping[str, float] | None = None,
    x_label: str = "gamma",
    y_label: str = "accuracy (%)",
    title: str = "",
) -> Figure:
    """Draw a metric against the values of one option, with standard deviations as bars and other methods as levels.

    Args:
        values: (n,) of the option, in ascending order.
        curves: label to mean and standard deviation, both (n,) in the unit of the axis. The line skips a mean of NaN. A
            standard deviation of NaN (a single run) has no bar.
        references: label to level, such as `center loss` to 86.25.
        x_label: of the option.
        y_label: of the metric, with its unit.
        title: above the figure.

    Source: Farzaneh 2020, figure 3.15.
    """
    figure, ((axes,),) = new_figure(width=6.4, height=3.4)
    x = np.asarray(values, dtype=float)
    for (label, (mean, sd)), color in zip(curves.items(), OTHER_COLORS * len(curves), strict=False):
        known = ~np.isnan(mean)
        axes.plot(x[known], mean[known], color=color, marker="o", markersize=4, label=label)
        spread = known & ~np.isnan(sd)
        axes.errorbar(x[spread], mean[spread], yerr=sd[spread], fmt="none", ecolor=color, elinewidth=1.2, capsize=3)
    for i, (label, level) in enumerate((references or {}).items()):
        style = REFERENCE_STYLES[i % len(REFERENCE_STYLES)]
        axes.axhline(level, color="#555555", linewidth=1.2, linestyle=style, zorder=0, label=label)
    axes.set(xlabel=x_label, ylabel=y_label, title=title)
    axes.set_xticks(x, [f"{value:g}" for value in values])
    horizontal_grid(axes)
    figure.legend(loc="outside right center", fontsize=9)
    return figure
