"""Errors of predicted depression scores and their distributions, also by the bands of severity."""

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from scipy.special import kl_div

from fercli.errors import choose
from fercli.metrics.affect import mae, rmse
from fercli.metrics.classification import confusion_matrix
from fercli.metrics.constant import SCORES
from fercli.metrics.metric import Columns, LabelledRows, Metric
from fercli.ops.score_distribution import score_distribution
from fercli.ops.severity import is_positive, severity
from fercli.scales import Scale

MEASURES = ("sensitivity", "specificity", "precision", "balanced_accuracy")


def recording_scores(columns: Columns, aggregation: str = "mean") -> tuple[np.ndarray, np.ndarray]:
    """True and predicted score of each recording, (num_videos,) each, from the columns of a prediction table.

    Args:
        columns: must have `score`, `predicted_score` and `video`; rows without a score do not count.
        aggregation: how the predictions for one recording are merged, `mean` or `median`.
    """
    score, predicted = LabelledRows(reads=("score", "predicted_score"), per="video", aggregation=aggregation).rows(
        columns
    )
    return score, predicted


def aggregation_of(metrics: Mapping[str, Metric]) -> str:
    """Return how the metrics of a run merge the predictions for one recording: `mean` or `median`."""
    return next((metric.aggregation for metric in metrics.values() if list(metric.reads) == SCORES), "mean")


def clamped(
    score: np.ndarray, predicted_score: np.ndarray, error: Callable[..., float], severity_scale: Scale
) -> float:
    """Compute an error, for example `mae`, of predictions clipped to the range of the scale.

    Args:
        score: (n,) points.
        predicted_score: (n,) points.
        error: called with the true and the clipped scores.
        severity_scale: of the data set.
    """
    return error(score, predicted_score.clip(severity_scale.low, severity_scale.high))


def screening(score: np.ndarray, predicted_score: np.ndarray, measure: str, severity_scale: Scale) -> float:
    """Compute how well predictions tell who is at or above the cut-off of the scale; in [0, 1].

    NaN where the scale has no cut-off, and where the measure is not defined: `sensitivity` without a positive
    recording, `specificity` without a negative one, `precision` without a positive prediction.

    Args:
        score: (n,) points; a recording is positive at `severity_scale.cutoff` or above, after rounding to whole points.
        predicted_score: (n,) points; positive in the same way.
        measure: `sensitivity`, the share of positive recordings that are predicted positive; `specificity`, the share
            of negative recordings that are predicted negative; `precision`, the share of positive predictions that
            are right; `balanced_accuracy`, the mean of sensitivity and specificity.
        severity_scale: of the data set.

    Raises:
        ConfigError: unknown measure.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.severity import screening
        >>> from fercli.scales import named
        >>> score, predicted = np.array([4.0, 9, 10, 20]), np.array([5.0, 11, 9.5, 8])
        >>> screening(score, predicted, "sensitivity", named("phq9"))
        0.5
    """
    choose("measure of screening", measure, MEASURES)
    if severity_scale.cutoff is None:
        return math.nan
    true, said = is_positive(score, severity_scale.cutoff), is_positive(predicted_score, severity_scale.cutoff)
    sensitivity, specificity = _share(said[true]), _share(~said[~true])
    values = (sensitivity, specificity, _share(true[said]), (sensitivity + specificity) / 2)
    return dict(zip(MEASURES, values, strict=True))[measure]


def _share(holds: np.ndarray) -> float:
    return float(holds.mean()) if len(holds) else math.nan


def score_kl(score: np.ndarray, score_probabilities: np.ndarray, sigma: float = 2.0) -> float:
    """Mean Kullback-Leibler divergence in nats of predicted distributions from Gaussians around the true scores.

    Args:
        score: (n,) points.
        score_probabilities: (n, levels) predicted probability of level 0, 1, ...
        sigma: standard deviation of the Gaussians, in points.
    """
    target = score_distribution(torch.from_numpy(score), score_probabilities.shape[1], sigma).numpy()
    return float(kl_div(target, score_probabilities).sum(1).mean())


def severity_confusion(score: np.ndarray, predicted_score: np.ndarray, severity_scale: Scale) -> np.ndarray:
    """(K, K) int64 number of recordings with true band (row) and predicted band (column), of the K bands of a scale.

    Args:
        score: (n,) points.
        predicted_score: (n,) points; rounded to whole points to find the band.
        severity_scale: must have bands.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.severity import severity_confusion
        >>> from fercli.scales import named
        >>> severity_confusion(np.array([5, 20, 40]), np.array([6, 15, 41]), named("bdi_ii"))
        array([[1, 0, 0, 0],
               [0, 0, 0, 0],
               [0, 1, 0, 0],
               [0, 0, 0, 1]])
    """
    bands = np.eye(len(severity_scale.bands))[severity(predicted_score, severity_scale)]
    return confusion_matrix(severity(score, severity_scale), bands)


def severity_errors(score: np.ndarray, predicted_score: np.ndarray, severity_scale: Scale) -> dict[str, np.ndarray]:
    """Columns `num_videos, mae, rmse, bias`, each (K,) over the K true bands; NaN in a band without any recording.

    `bias` is the mean of prediction minus truth: uncertain networks predict every score close to the middle.

    Args:
        score: (n,) points.
        predicted_score: (n,) points.
        severity_scale: must have bands.
    """
    bands = severity(score, severity_scale)
    members = [(score[bands == i], predicted_score[bands == i]) for i in range(len(severity_scale.bands))]
    errors = [
        (mae(true, said), rmse(true, said), np.mean(said - true)) if len(true) else (np.nan,) * 3
        for true, said in members
    ]
    columns = dict(zip(("mae", "rmse", "bias"), np.array(errors).T, strict=True))
    return {"num_videos": np.array([len(true) for true, _ in members]), **columns}
