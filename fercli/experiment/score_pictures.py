"""Pictures for methods that predict a depression score."""

from collections.abc import Iterator

import numpy as np
import torch

from fercli.experiment.evaluation import Judged
from fercli.experiment.recordings import recordings, sittings, spread_recordings
from fercli.experiment.shown import Picture
from fercli.heads.depression_bins import DepressionBinsHead
from fercli.losses.score_distribution import ScoreKL
from fercli.methods.base import Method
from fercli.metrics.constant import SCORES
from fercli.metrics.metric import known_rows
from fercli.metrics.severity import recording_scores, severity_confusion, severity_errors
from fercli.ops.score_distribution import score_distribution
from fercli.ops.severity import SEVERITIES
from fercli.reports.depression import (
    label_distribution_plot,
    score_feature_plot,
    score_prediction_plot,
    severity_error_plot,
)
from fercli.reports.plots import confusion_matrix_plot
from fercli.reports.score_similarity import Pairs, pair_similarity_plot, score_pairs, similarity_by_gap_plot

NUM_DISTRIBUTIONS = 6
LEAST_FEATURES = 3


def score_pictures(judged: Judged) -> Iterator[Picture]:
    """Predictions against the truth, and the distributions that they are read from, where a score was predicted."""
    columns = judged.evaluation.columns
    if "predicted_score" not in columns or not recordings(columns):
        return
    score, predicted = recording_scores(columns, _aggregation(judged.method))
    constant = judged.result.get("constant_predictor", {}).get("mean", {}).get("score")
    caption = "Predicted against true score of each recording; dotted: the mean score of the training recordings"
    yield "score_prediction", caption, score_prediction_plot(score, predicted, constant)
    matrix = severity_confusion(score, predicted)
    caption = "Bands of severity: rows are the true ones and add up to 100 %"
    yield "severity_confusion", caption, confusion_matrix_plot(matrix, SEVERITIES)
    caption = "Errors by true band of severity: a network of little certainty draws every score to the middle"
    yield "severity_errors", caption, severity_error_plot(severity_errors(score, predicted))
    if "score_probabilities" in columns:
        yield _distributions(judged)


def score_feature_pictures(judged: Judged, untrained: Pairs | None = None) -> Iterator[Picture]:
    """The feature colored by score, and how the similarity of two samples follows their scores, where these are known.

    Samples of one sitting, or of one recording where sittings are unknown, are alike whatever the score: no pairs.

    Args:
        untrained: pairs by the weights before the training, shown beside.
    """
    columns = judged.evaluation.columns
    known = known_rows(columns, ["score"]) if "score" in columns else np.zeros(0, dtype=bool)
    if known.sum() < LEAST_FEATURES:
        return
    features, score = columns["feature"][known], columns["score"][known]
    yield "score_features", "The deep feature, colored by score", score_feature_plot(features, score)
    pairs = score_pairs(features, score, sittings(columns)[known])
    alike, different = (pairs.gap == 0).any(), len(np.unique(pairs.gap)) > 1
    if alike and different:
        caption = "Cosines of samples of equal and of different scores, from different sittings"
        before = {} if untrained is None else {"untrained": untrained}
        yield "pair_similarity", caption, pair_similarity_plot(before | {judged.evaluation.split: pairs})
    if different:
        caption = "Mean cosine of two samples by the gap between their scores; shaded: one standard deviation"
        yield "similarity_by_gap", caption, similarity_by_gap_plot({judged.evaluation.split: pairs})


def _aggregation(method: Method) -> str:
    """How the metrics of the run bring the rows of a recording together."""
    return next((metric.aggregation for metric in method.metrics.values() if list(metric.reads) == SCORES), "mean")


def _distributions(judged: Judged) -> Picture:
    """Means over the rows of each of a few recordings."""
    columns, head = judged.evaluation.columns, judged.method.head
    chosen = spread_recordings(columns, NUM_DISTRIBUTIONS)
    predicted = np.stack([columns["score_probabilities"][rows].mean(0) for rows in chosen])
    score = np.array([columns["score"][rows[0]] for rows in chosen])
    names = {rows[0]: name for name, rows in recordings(columns).items()}
    target = _targets(judged.method, score, predicted.shape[1])
    offset = head.bin_offset if isinstance(head, DepressionBinsHead) else 0.0
    shown = label_distribution_plot(target, predicted, score, [names[rows[0]] for rows in chosen], offset)
    return "label_distributions", "Distributions over the scores of some recordings, averaged over their samples", shown


def _targets(method: Method, score: np.ndarray, num_levels: int) -> np.ndarray | None:
    """(n, num_levels) that the loss was after; None where it was after one or two levels."""
    for term in method.objective.terms.values():
        if isinstance(term.loss, ScoreKL):
            return score_distribution(torch.from_numpy(score), num_levels, term.loss.sigma).numpy()
    return None
