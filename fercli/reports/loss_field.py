"""Picture of where the density loss moves a sample."""

import math

import torch
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from torch import Tensor

from fercli.losses.density import DensityLoss
from fercli.reports.figure import BLUE, ORANGE, new_figure, styled

OWN = (60.0, 80.0, 110.0)  # directions of the samples that stay, in degrees
OTHER = (190.0, 215.0, 250.0)
RINGS = ((0.5, 18), (0.85, 32))  # length of features, and in how many directions


def density_field(loss: DensityLoss) -> tuple[Tensor, Tensor]:
    """Where a sample of two numbers stands, and minus the gradient of the loss there; both (n, 2) float64.

    Three samples of its class and three of another stay where they are. Lengths of features do not count in this loss,
    whose gradient is longer the shorter the feature; here it is times the length of the feature.
    """
    turns = [(radius, torch.arange(number, dtype=torch.float64) / number) for radius, number in RINGS]
    points = torch.cat([radius * directions(2 * math.pi * turn) for radius, turn in turns])
    fixed = directions(torch.tensor([*OWN, *OTHER], dtype=torch.float64).deg2rad())
    expression = torch.tensor([0] * (1 + len(OWN)) + [1] * len(OTHER))
    arrows = []
    for point in points:
        feature = torch.cat([point[None], fixed]).requires_grad_()
        (gradient,) = torch.autograd.grad(loss(feature, expression), feature)
        arrows.append(-gradient[0] * point.norm())
    return points, torch.stack(arrows)


def directions(angles: Tensor) -> Tensor:
    """(n, 2) vectors of length 1 at angles in radians."""
    return torch.stack([angles.cos(), angles.sin()], 1)


@styled
def density_field_plot(loss: DensityLoss) -> Figure:
    """Arrows along which a sample of the first class descends the loss, for features of two numbers.

    Source: Lin 2021, figure 3-8, of which only the caption is known.
    """
    points, arrows = density_field(loss)
    figure, ((axes,),) = new_figure(width=4.8, height=4.8)
    axes.add_patch(Circle((0, 0), 1, fill=False, color="#cccccc", linewidth=1))
    axes.quiver(*points.T, *arrows.T, angles="xy", color="#555555", width=0.004, scale=3)
    for degrees, color, label in ((OWN, BLUE, "its class"), (OTHER, ORANGE, "another class")):
        fixed = directions(torch.tensor(degrees, dtype=torch.float64).deg2rad())
        axes.scatter(*fixed.T, color=color, s=45, zorder=3, label=label)
    axes.set(xlim=(-1.25, 1.25), ylim=(-1.25, 1.25), xlabel="first number", ylabel="second number")
    axes.set(title=f"Density loss, boundary {loss.boundary:g}, order {loss.order:g}", aspect="equal")
    axes.legend(fontsize=9, loc="lower right")
    return figure
