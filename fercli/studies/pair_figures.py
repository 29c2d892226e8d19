"""Pictures of how the similarity of features follows the depression scores of samples, rows side by side."""

from collections.abc import Mapping

import numpy as np

from fercli.reports.html import Picture
from fercli.reports.score_similarity import Pairs, pair_similarity_plot, read_pairs, similarity_by_gap_plot
from fercli.runs.folder import RunFolder


def pair_figures(runs: Mapping[str, RunFolder]) -> list[Picture]:
    """Histograms before and after the training of each row, and the mean cosine by the gap between two scores.

    Args:
        runs: one of each row.
    """
    before = {label: pairs for label, run in runs.items() if (pairs := read_pairs(run.pairs_untrained))}
    after = {label: pairs for label, run in runs.items() if (pairs := read_pairs(run.pairs))}
    with_before = after.keys() <= before.keys()
    panels: dict[str, Pairs] = {}
    for label, pairs in after.items():
        panels |= ({f"{label}, untrained": before[label]} if with_before else {}) | {label: pairs}
    pictures = []
    if all((pairs.gap == 0).any() and pairs.gap.any() for pairs in panels.values()) and panels:
        caption = (
            "Cosines of samples of equal and of different scores from different sittings; the first seed of each row."
        )
        pictures.append((caption, pair_similarity_plot(panels, num_columns=2 if with_before else 3)))
    if after and all(len(np.unique(pairs.gap)) > 1 for pairs in after.values()):
        caption = "Mean cosine of two samples by the gap between their scores; the first seed of each row."
        pictures.append((caption, similarity_by_gap_plot(after)))
    return pictures
