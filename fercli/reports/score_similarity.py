"""Pictures of how the similarity of two recordings follows their depression scores."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from textwrap import fill

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from fercli.reports.figure import BLUE, ORANGE, OTHER_COLORS, horizontal_grid, new_figure, styled
from fercli.reports.samples import draw_samples
from fercli.runs.folder import read_table

GAP_STEP = 3  # points of a bin of gaps: some gaps of exact size have hardly a pair


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs of samples: `similarity` (p,), the cosine in [-1, 1], and `gap` (p,), how far apart the scores are."""

    similarity: np.ndarray
    gap: np.ndarray


def score_pairs(
    features: np.ndarray,
    score: np.ndarray,
    groups: np.ndarray | None = None,
    num_samples: int = 1500,
    seed: int = 0,
) -> Pairs:
    """The pairs i < j of some samples.

    Args:
        features: (n, dim).
        score: (n,) BDI-II points.
        groups: (n,) names or numbers, such as of the recording or the sitting; two samples of one group are no pair,
            because they are alike whatever the score. None compares all.
        num_samples: at most, drawn at random.
        seed: of the draw.
    """
    rows = draw_samples(len(features), num_samples, seed)
    norms = np.linalg.norm(features[rows], axis=1, keepdims=True)
    unit = np.divide(features[rows], norms, out=np.zeros(features[rows].shape), where=norms > 0)
    first, second = np.triu_indices(len(rows), k=1)
    if groups is not None:
        apart = groups[rows][first] != groups[rows][second]
        first, second = first[apart], second[apart]
    similarity = np.clip((unit @ unit.T)[first, second], -1, 1)
    return Pairs(similarity, np.abs(score[rows][first] - score[rows][second]))


def read_pairs(path: Path) -> Pairs | None:
    """Those that a run keeps in columns `similarity` and `gap`; None without such a table or without pairs."""
    frame = read_table(path)
    if frame is None or frame.empty:
        return None
    return Pairs(frame["similarity"].to_numpy(), frame["gap"].to_numpy())


def wrongly_ordered(pairs: Pairs) -> float:
    """Probability that a pair of equal scores is not more similar than a pair of different ones; ties count half.

    0 where similarity tells all of them apart, 0.5 where it says nothing; NaN without a pair of either kind.

    Source: Ustinova and Lempitsky 2016, equation 3, without its bins, where ties count in full.
    """
    positive, negative = np.sort(pairs.similarity[pairs.gap == 0]), pairs.similarity[pairs.gap > 0]
    if not (len(positive) and len(negative)):
        return float("nan")
    places = np.searchsorted(positive, negative, "left") + np.searchsorted(positive, negative, "right")
    return float(places.mean() / 2 / len(positive))


@styled
def pair_similarity_plot(panels: Mapping[str, Pairs], num_bins: int = 50, num_columns: int | None = None) -> Figure:
    """Histograms of the similarity of pairs of equal and of different scores, a panel for each title on the same axes.

    Args:
        panels: title, such as of a loss or of before and after training, to the pairs.
        num_bins: over [-1, 1].
        num_columns: panels beside each other; None for all.

    Source: Ustinova and Lempitsky 2016, figure 1.
    """
    num_columns = num_columns or len(panels)
    num_rows = math.ceil(len(panels) / num_columns)
    figure, grid = new_figure(num_rows, num_columns, 3.9 * num_columns, 3.0 * num_rows + 0.3, same_axes=True)
    edges = np.linspace(-1, 1, num_bins + 1)
    for axes, (title, pairs) in zip(grid.flat, panels.items(), strict=False):
        for label, color, rows in (("equal", BLUE, pairs.gap == 0), ("different", ORANGE, pairs.gap > 0)):
            if rows.any():
                weights = np.full(rows.sum(), 1 / rows.sum())
                style = {"color": color, "alpha": 0.55, "label": f"{label} scores: {rows.sum():,}"}
                axes.hist(pairs.similarity[rows], edges, weights=weights, histtype="stepfilled", **style)
        axes.set_title(fill(title, 36), fontsize=10)
        axes.set(xlim=(-1, 1))
        axes.legend(fontsize=8, title=f"{100 * wrongly_ordered(pairs):.0f}% in wrong order", title_fontsize=8)
        horizontal_grid(axes)
    for axes in grid.flat[len(panels) :]:
        axes.set_visible(False)
    for axes in grid[-1]:
        axes.set_xlabel("cosine of two samples")
    for axes in grid[:, 0]:
        axes.set_ylabel("share of pairs")
    return figure


@styled
def similarity_by_gap_plot(lines: Mapping[str, Pairs]) -> Figure:
    """Mean similarity of pairs against the gap between their scores, with one standard deviation, a line for each name.

    Args:
        lines: name, such as of a loss, to the pairs; Spearman's correlation of similarity and closeness stands beside.
    """
    figure, ((axes,),) = new_figure(width=5.6, height=3.7)
    for (name, pairs), color in zip(lines.items(), cycle(OTHER_COLORS), strict=False):
        bins = (pairs.gap // GAP_STEP).astype(int)
        num_pairs = np.bincount(bins)
        filled = num_pairs > 0
        mean = np.bincount(bins, pairs.similarity)[filled] / num_pairs[filled]
        variance = np.bincount(bins, pairs.similarity**2)[filled] / num_pairs[filled] - mean**2
        spread = np.sqrt(np.clip(variance, 0, None))
        gap = np.bincount(bins, pairs.gap)[filled] / num_pairs[filled]
        order = spearmanr(pairs.similarity, -pairs.gap).statistic
        axes.plot(gap, mean, color=color, marker="o", markersize=3.5, label=f"{name}: Spearman {order:.2f}")
        axes.fill_between(gap, mean - spread, mean + spread, color=color, alpha=0.13, linewidth=0)
    axes.set(xlabel="gap between the scores in BDI-II points", ylabel="mean cosine")
    axes.legend(fontsize=8.5)
    horizontal_grid(axes)
    return figure
