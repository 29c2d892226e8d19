"""The nose: shading, nostrils and wings."""

import numpy as np

from fercli.datasets.synthetic.anatomy import BRIDGE, NOSTRILS, OUTER_LIPS
from fercli.datasets.synthetic.canvas import ribbon, smooth, taper
from fercli.datasets.synthetic.painter import Painter

HOLE = np.array([(0.065 * np.cos(a), 0.03 * np.sin(a) - 0.01) for a in np.linspace(0, 2 * np.pi, 10)[:-1]])
WING = np.array([(-0.03, -0.12), (0.02, -0.05), (0, 0)])


def nose(painter: Painter) -> None:
    """Paint the nose and the groove below it."""
    canvas, unit, actions = painter.canvas, painter.unit, painter.actions
    bridge, base = painter.points(BRIDGE), painter.points(NOSTRILS)
    tip = bridge[-1]
    flanks = [np.array([bridge[0], bridge[2], tip, wing, 0.55 * bridge[1] + 0.45 * wing]) for wing in base[[0, 4]]]
    canvas.fill(flanks, painter.shade(0.7), 0.045 * unit, 0.4)
    canvas.stroke(smooth(bridge), 0.09 * unit, painter.shade(1.14), 0.045 * unit, 0.6)
    ball = np.array([tip - np.array([0, 0.05]) * unit, base[1], base[2], base[3]])
    canvas.fill(smooth(ball, closed=True), painter.shade(1.1, 5), 0.05 * unit, 0.6)
    holes, wings = [], []
    for inner, outer, side in ((1, 0, -1), (3, 4, 1)):
        holes.append(0.55 * base[inner] + 0.45 * base[outer] + HOLE * unit)
        wings.append(ribbon(smooth(base[outer] + WING * (side * unit, unit)), 0.035 * unit))
    canvas.fill(holes, painter.shade(0.36), 0.015 * unit, 0.85)
    canvas.fill(wings, painter.shade(0.36), 0.016 * unit, 0.6 + 0.4 * actions.nose_wrinkle)
    canvas.stroke(smooth(base), 0.03 * unit * taper(21), painter.shade(0.5), 0.018 * unit, 0.6)
    philtrum = np.array([base[2] + np.array([0, 0.04]) * unit, painter.points(OUTER_LIPS)[3]])
    canvas.stroke(philtrum, 0.05 * unit, painter.shade(0.8), 0.02 * unit, 0.4)
