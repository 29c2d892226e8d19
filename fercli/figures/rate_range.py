"""The training loss against the learning rate of a learning rate range test."""

from matplotlib.figure import Figure

from fercli.engine.rate_range import RateRange
from fercli.figures.figure import BLUE, GRAY, ORANGE, horizontal_grid, new_figure, styled


@styled
def rate_range_figure(found: RateRange, rate: float) -> Figure:
    """Draw the losses, their smooth curve, and the rates that were read from it.

    Args:
        rate: `optimizer.lr` of the configuration, drawn as a dotted line.

    Source: Smith 2017, figure 3, with a logarithmic axis.
    """
    figure, ((axes,),) = new_figure(width=6.4, height=3.4)
    axes.plot(found.rates, found.losses, color=GRAY, linewidth=0.8, label="loss of each batch")
    axes.plot(found.rates, found.smooth, color=BLUE, linewidth=2, label="smoothed")
    for at, style, name in zip(found.valley or (), ("-", "--"), ("halfway down", "lowest"), strict=False):
        axes.axvline(at, color=ORANGE, linewidth=1.2, linestyle=style, label=f"{name}: {at:.2g}")
    axes.axvline(rate, color="#555555", linewidth=1.2, linestyle=":", label=f"optimizer.lr: {rate:.2g}")
    axes.set(xlabel="learning rate", ylabel="training loss", xscale="log")
    axes.xaxis.set_major_formatter(lambda value, place: f"{value:g}")
    horizontal_grid(axes)
    figure.legend(loc="outside right center", fontsize=9)
    return figure
