"""Pictures of how losses weigh samples, and of a metric against one option of a loss."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from matplotlib.figure import Figure

from fercli.losses.classification import focal_loss
from fercli.losses.va_center import affect_weight
from fercli.reports.figure import BLUE, GRAY, ORANGE, OTHER_COLORS, class_colors, horizontal_grid, new_figure, styled

GAMMAS = (0.0, 0.5, 1.0, 2.0, 5.0)
REFERENCE_STYLES = ("--", ":", "-.")


@styled
def focal_loss_plot(gammas: Sequence[float] = GAMMAS) -> Figure:
    """Focal loss against the probability of the true class, a curve for each gamma; at 0 it is cross-entropy.

    Source: Lin et al. 2017, figure 1; Antoniadis 2021, figure 5.4.1.
    """
    p = torch.linspace(0.01, 0.99, 99, dtype=torch.float64)
    logits, true = torch.stack([p, 1 - p], 1).log(), torch.tensor([0])
    figure, ((axes,),) = new_figure(width=5.6, height=3.6)
    for gamma, color in zip(gammas, OTHER_COLORS * len(gammas), strict=False):
        label = f"gamma {gamma:g}" + (" (cross-entropy)" if gamma == 0 else "")
        axes.plot(p, [focal_loss(row[None], true, gamma).item() for row in logits], color=color, label=label)
    axes.set(xlim=(0, 1), ylim=(0, 5), xlabel="probability of the true class", ylabel="loss (nats)")
    axes.set_title("Focal loss")
    axes.legend(fontsize=9)
    horizontal_grid(axes)
    return figure


@styled
def class_weights_plot(weights: np.ndarray, classes: Sequence[str]) -> Figure:
    """Bars of the weight of each class in weighted cross-entropy.

    Args:
        weights: (K,), each above 0.
        classes: K names.
    """
    figure, ((axes,),) = new_figure(width=max(3.6, 0.7 * len(classes) + 0.8), height=3.2)
    bars = axes.bar(range(len(classes)), weights, color=class_colors(classes), width=0.75)
    axes.bar_label(bars, labels=[f"{weight:.3g}" for weight in weights], fontsize=8.5, padding=2)
    axes.set_xticks(range(len(classes)), classes, rotation=40, ha="right", rotation_mode="anchor")
    axes.tick_params(axis="x", length=0)
    axes.set(ylabel="weight in the loss", title="Class weights")
    axes.margins(y=0.12)
    horizontal_grid(axes)
    return figure


@styled
def distance_weight_plot() -> Figure:
    """Weight of a sample in the VA-based center loss against its distance to the mean affect of its class.

    Source: Antoniadis 2021, section 4.5; see `fercli.losses.va_center.affect_weight`.
    """
    figure, ((axes,),) = new_figure(width=5.6, height=3.4)
    for num_dims, label, color in ((2, "valence and arousal", BLUE), (1, "one of the two", ORANGE)):
        distance = torch.linspace(0, 2 * num_dims**0.5, 101, dtype=torch.float64)
        axes.plot(distance, affect_weight(distance, num_dims), color=color, label=label)
    axes.axhline(1, color=GRAY, linewidth=1, linestyle="--", zorder=0)
    axes.annotate("as in center loss", (8**0.5, 1), ha="right", va="bottom", fontsize=9, color="#555555")
    axes.set(xlim=(0, 8**0.5), ylim=(0, 2.05), xlabel="distance to the mean affect of the class", ylabel="weight")
    axes.set_title("Weight in the VA-based center loss")
    axes.legend(fontsize=9)
    horizontal_grid(axes)
    return figure


@styled
def sweep_plot(
    values: Sequence[float],
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]],
    references: Mapping[str, float] | None = None,
    x_label: str = "gamma",
    y_label: str = "accuracy (%)",
    title: str = "",
) -> Figure:
    """A metric against the values of one option, with standard deviations as bars and other methods as level lines.

    Args:
        values: (n,) of the option, in ascending order.
        curves: label to mean and standard deviation, both (n,) in the unit of the axis. A mean that is NaN has no point
            and is passed over by the line; a standard deviation that is NaN, of a single run, has no bar.
        references: label to level, such as `center loss` to 86.25.
        x_label: of the option.
        y_label: of the metric, with its unit.
        title: above the picture.

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
