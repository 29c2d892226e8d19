"""The folds of a cross-validation: how far a metric differs between them."""

from collections.abc import Iterator, Mapping

import numpy as np
from matplotlib.figure import Figure

from fercli.figures.figure import BLUE, ORANGE, NamedFigure, new_figure, styled
from fercli.studies.aggregate import Results
from fercli.studies.folds import fold_values


def of_study(results: Results) -> Iterator[NamedFigure]:
    """Yield one figure per metric, where rows have finished folds."""
    for metric in results.plan.study.metrics:
        found = {label: fold_values(results, label, metric).known for label in results.labels}
        found = {label: values for label, values in found.items() if len(values) > 1}
        if not found:
            continue
        pooled = {
            label: float(np.mean([*results.values(label, metric).values()]))
            for label in found
            if results.values(label, metric) and results.of(label)["num_folds"].iloc[0] > 1
        }
        column = results.column(metric)
        axis = f"{column.label} ({column.unit})" if column.unit else column.label
        caption = f"{column.label} of each fold, their mean, and the pooled number of all folds joined."
        yield NamedFigure(f"folds_{metric}", caption, folds_figure(found, pooled, axis))


@styled
def folds_figure(values: Mapping[str, np.ndarray], pooled: Mapping[str, float], axis: str) -> Figure:
    """Draw a line of dots per row of a study, one for each fold.

    Args:
        values: label of a row to the (n,) values of its folds.
        pooled: label of a row to the number of all its folds joined, where it has one.
        axis: name of the metric, with its unit.
    """
    figure, ((axes,),) = new_figure(width=6.4, height=1.1 + 0.4 * len(values))
    for place, (label, of_folds) in enumerate(values.items()):
        lift = 0.12 * np.cos(np.pi * np.arange(len(of_folds)))  # so that equal values do not hide each other
        axes.plot(of_folds, place + lift, "o", color=BLUE, alpha=0.6, markersize=5, label="" if place else "a fold")
        axes.plot([of_folds.mean()] * 2, [place - 0.3, place + 0.3], color="#333333", label="" if place else "mean")
        if label in pooled:
            first = label == next(iter(pooled))
            axes.plot([pooled[label]], [place], "D", color=ORANGE, markersize=7, label="pooled" if first else "")
    axes.set_yticks(range(len(values)), [*values])
    axes.set(xlabel=axis, ylim=(len(values) - 0.5, -0.5))
    figure.legend(loc="outside right center", fontsize=9)
    return figure
