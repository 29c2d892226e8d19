"""How the similarity of two samples depends on their depression scores."""

import math
from collections.abc import Iterator, Mapping
from itertools import cycle
from textwrap import fill

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from fercli.engine.evaluation import EvaluatedRun
from fercli.engine.pairs import read_pairs
from fercli.engine.recordings import sittings
from fercli.figures.figure import (
    BLUE,
    ORANGE,
    OTHER_COLORS,
    NamedFigure,
    horizontal_grid,
    new_figure,
    styled,
)
from fercli.figures.needs import Needs
from fercli.metrics.metric import known_rows
from fercli.metrics.score_pairs import Pairs, score_pairs, wrongly_ordered
from fercli.studies.aggregate import Results

NEEDS = Needs.RUN
GAP_STEP = 3  # width in points of a bin of gaps: some single gaps have hardly any pairs
FEWEST_SAMPLES = 3


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the cosines of pairs of samples where scores are known, before the training beside after it.

    Two samples of one sitting are no pair: they are alike whatever their scores. Where the sitting is unknown, the
    recording stands for it.
    """
    columns = evaluated.evaluation.columns
    known = known_rows(columns, ["score"]) if "score" in columns else np.zeros(0, dtype=bool)
    if known.sum() < FEWEST_SAMPLES:
        return
    features, score = columns["feature"][known], columns["score"][known]
    pairs = score_pairs(features, score, sittings(columns)[known])
    alike, different = (pairs.gap == 0).any(), len(np.unique(pairs.gap)) > 1
    if alike and different:
        caption = "Cosines of samples of equal and of different scores, from different sittings"
        untrained = None if evaluated.recorded is None else read_pairs(evaluated.run.pairs_untrained)
        before = {} if untrained is None else {"untrained": untrained}
        yield NamedFigure(
            "pair_similarity", caption, pair_similarity_figure(before | {evaluated.evaluation.split: pairs})
        )
    if different:
        caption = "Mean cosine of two samples by the gap between their scores; shaded: one standard deviation"
        yield NamedFigure("similarity_by_gap", caption, similarity_by_gap_figure({evaluated.evaluation.split: pairs}))


def of_study(results: Results) -> Iterator[NamedFigure]:
    """Yield histograms before and after the training of each row, and the mean cosine by the gap between scores."""
    runs = results.first_runs
    before = {label: pairs for label, run in runs.items() if (pairs := read_pairs(run.pairs_untrained))}
    after = {label: pairs for label, run in runs.items() if (pairs := read_pairs(run.pairs))}
    with_before = after.keys() <= before.keys()
    panels: dict[str, Pairs] = {}
    for label, pairs in after.items():
        panels |= ({f"{label}, untrained": before[label]} if with_before else {}) | {label: pairs}
    if all((pairs.gap == 0).any() and pairs.gap.any() for pairs in panels.values()) and panels:
        caption = (
            "Cosines of samples of equal and of different scores from different sittings; the first seed of each row."
        )
        drawn = pair_similarity_figure(panels, num_columns=2 if with_before else 3)
        yield NamedFigure("pair_similarity", caption, drawn)
    if after and all(len(np.unique(pairs.gap)) > 1 for pairs in after.values()):
        caption = "Mean cosine of two samples by the gap between their scores; the first seed of each row."
        yield NamedFigure("similarity_by_gap", caption, similarity_by_gap_figure(after))


@styled
def pair_similarity_figure(panels: Mapping[str, Pairs], num_bins: int = 50, num_columns: int | None = None) -> Figure:
    """Draw histograms of the similarity of pairs with equal and with different scores, a panel for each title.

    Args:
        panels: title (a loss, or before and after the training) to the pairs.
        num_bins: over [-1, 1].
        num_columns: panels in a row; None for all of them.

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
def similarity_by_gap_figure(lines: Mapping[str, Pairs]) -> Figure:
    """Draw the mean similarity of pairs against the gap between their scores, with one standard deviation.

    Args:
        lines: name (for example of a loss) to the pairs; each name is a line. Spearman's correlation of similarity and
            negative gap stands beside the name.
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
        axes.plot(gap, mean, color=color, marker="o", markersize=3.5, label=f"{name}\nSpearman {order:.2f}")
        axes.fill_between(gap, mean - spread, mean + spread, color=color, alpha=0.13, linewidth=0)
    axes.set(xlabel="gap between the scores in points", ylabel="mean cosine")
    axes.legend(fontsize=8.5)
    horizontal_grid(axes)
    return figure
