"""Values with which a part of a network describes itself, for figures to draw: curves, bars, arrows.

A loss that has something to show offers `charts(classes)`. Losses and figures do not import each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np


@dataclass(frozen=True, slots=True)
class Curves:
    """Lines over one axis.

    Attributes:
        name: of the file, without a suffix.
        caption: what the figure shows.
        title: above the axes.
        x_label: with the unit.
        y_label: with the unit.
        lines: label to x (n,) and y (n,).
        limits: (lowest, highest) of y; None is chosen from the data.
        levels: label to a value of y that is marked by a dashed line.
    """

    name: str
    caption: str
    title: str
    x_label: str
    y_label: str
    lines: Mapping[str, tuple[np.ndarray, np.ndarray]]
    limits: tuple[float, float] | None = None
    levels: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar for each class: `values` (K,) in the order of `names`."""

    name: str
    caption: str
    title: str
    y_label: str
    names: Sequence[str]
    values: np.ndarray


@dataclass(frozen=True, slots=True)
class Arrows:
    """Arrows in the plane of a feature of two numbers, and dots that stay where they are.

    Attributes:
        points: (n, 2) where the arrows start.
        vectors: (n, 2) along which they point.
        fixed: label to the places (m, 2) of dots.
    """

    name: str
    caption: str
    title: str
    points: np.ndarray
    vectors: np.ndarray
    fixed: Mapping[str, np.ndarray]


Chart = Curves | Bars | Arrows


@runtime_checkable
class Charted(Protocol):
    """A part of a network that has charts."""

    def charts(self, classes: Sequence[str]) -> list[Chart]:
        """What there is to show, after training.

        Args:
            classes: K names in the order of the labels.
        """
        ...
