"""False alarms of the disorder monitor: how often wrong predictions alone give an alert."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fercli.figures.figure import OTHER_COLORS, horizontal_grid, new_figure, styled


@styled
def false_alarm_figure(
    accuracies: Sequence[float], persistences: Sequence[int], rates: np.ndarray, accuracy: float | None = None
) -> Figure:
    """Draw the share of windows under a false bipolar alert against accuracy, a line for each persistence.

    Args:
        accuracies: A accuracies in [0, 1].
        persistences: P numbers of windows.
        rates: (A, P) as `fercli.monitor.streams.false_alarms` gives them.
        accuracy: accuracy of the run in use, marked by a line; None for no line.
    """
    figure, ((axes,),) = new_figure(width=5.4, height=3.7)
    for length, color, rate in zip(persistences, OTHER_COLORS, rates.T, strict=False):
        axes.plot(accuracies, rate, color=color, label=f"{length} window{'s' if length > 1 else ''}")
    if accuracy is not None:
        axes.axvline(accuracy, color="#333333", linewidth=1, linestyle="--", label="this run")
    axes.set(xlabel="accuracy of predictions with independent errors", ylabel="share of windows", ylim=(0, 1))
    axes.set_title("False bipolar alerts of a stable person")
    axes.legend(title="high entropy for", fontsize=8, title_fontsize=8)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    horizontal_grid(axes)
    return figure
