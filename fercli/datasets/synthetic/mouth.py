"""Mouth, teeth and tongue."""

import numpy as np

from fercli.datasets.synthetic.anatomy import INNER_LIPS, OUTER_LIPS
from fercli.datasets.synthetic.canvas import Canvas, smooth, taper
from fercli.datasets.synthetic.painter import Painter

TEETH, MOUTH_INSIDE, TONGUE = np.array([236.0, 232, 222]), np.array([62.0, 20, 24]), np.array([176.0, 82, 84])


def mouth(painter: Painter) -> None:
    """Paint lips, teeth and tongue of an open mouth, and the shadows around it."""
    canvas, unit, subject, actions = painter.canvas, painter.unit, painter.subject, painter.actions
    outer, inner = painter.points(OUTER_LIPS), painter.points(INNER_LIPS)
    upper_edge, lower_edge = smooth(outer[:7]), smooth(outer[[6, 7, 8, 9, 10, 11, 0]])
    upper_seam, lower_seam = smooth(inner[:5]), smooth(inner[[4, 5, 6, 7, 0]])
    lip = painter.shade(0.74, 26)
    canvas.fill(np.concatenate([upper_edge, lower_edge]), painter.shade(0.66, 20), 0.05 * unit, 0.35)
    canvas.fill(np.concatenate([upper_edge, lower_edge]), lip, 0.014 * unit)
    canvas.fill(np.concatenate([upper_edge, upper_seam[::-1]]), lip * 0.82, 0.02 * unit, 0.8)
    shine = 0.5 * (outer[9] + inner[6])
    gloss = np.array([(-0.12, 0), (0, -0.02), (0.12, 0), (0, 0.03)]) * unit * subject.lip_fullness
    canvas.fill(shine + gloss, lip * 1.25, 0.025 * unit, 0.6 * (1 - actions.lip_press))
    gap = float(np.linalg.norm(inner[6] - inner[2])) / unit
    if gap > 0.035:
        hole = np.concatenate([upper_seam, lower_seam])
        canvas.fill(hole, MOUTH_INSIDE, 0.008 * unit)
        _teeth(painter, upper_seam, hole, gap)
    seam = 0.5 * (upper_seam + lower_seam[::-1]) if gap <= 0.035 else upper_seam
    line = smooth(np.concatenate([outer[:1], seam[3:-3:4], outer[6:7]]), samples=3)
    canvas.stroke(line, 0.04 * unit * taper(len(line)), painter.shade(0.30, 10), 0.01 * unit, 0.9)
    below = np.array([outer[10], outer[9], outer[8]]) + np.array([0, 0.06]) * unit
    canvas.stroke(smooth(below), 0.06 * unit * taper(11), painter.shade(0.66), 0.03 * unit, 0.55)
    spot = np.array([(-0.03, -0.03), (0.03, -0.03), (0.03, 0.03), (-0.03, 0.03)]) * unit
    canvas.fill([outer[0] + spot, outer[6] + spot], painter.shade(0.4), 0.025 * unit, 0.7)


def _teeth(painter: Painter, upper_seam: np.ndarray, hole: np.ndarray, gap: float) -> None:
    """Paint upper teeth and tongue, clipped to the opening of the mouth."""
    found = painter.canvas.mask(hole)
    if found is None:
        return
    (rows, columns), coverage = found
    down = np.array([0, 1.0]) * painter.unit
    row = np.concatenate([upper_seam, (upper_seam + min(0.11, 0.6 * gap) * down)[::-1]])
    floor = hole[len(upper_seam) :]
    tongue = np.concatenate([floor, (floor - 0.35 * gap * down)[::-1]])
    inside = Canvas(painter.canvas.planes.copy())
    inside.fill(tongue, TONGUE, 0.012 * painter.unit, 0.8)
    inside.fill(row, TEETH, 0.012 * painter.unit, 0.95)
    target = painter.canvas.planes[:, rows, columns]
    target += (inside.planes[:, rows, columns] - target) * coverage
