"""Errors of predicted depression scores and their distributions, also by the bands of severity."""

from collections.abc import Callable

import numpy as np
import torch
from scipy.special import kl_div

from fercli.metrics.affect import mae, rmse
from fercli.metrics.classification import confusion_matrix
from fercli.metrics.metric import Columns, LabelledRows
from fercli.ops.score_distribution import score_distribution
from fercli.ops.severity import MOST_POINTS, SEVERITIES, severity


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


def clamped(score: np.ndarray, predicted_score: np.ndarray, error: Callable[..., float]) -> float:
    """Compute an error, for example `mae`, of predictions clipped to the range of the BDI-II, 0 to 63 points.

    Args:
        score: (n,) BDI-II points.
        predicted_score: (n,) BDI-II points.
        error: called with the true and the clipped scores.
    """
    return error(score, predicted_score.clip(0, MOST_POINTS))


def score_kl(score: np.ndarray, score_probabilities: np.ndarray, sigma: float = 2.0) -> float:
    """Mean Kullback-Leibler divergence in nats of predicted distributions from Gaussians around the true scores.

    Args:
        score: (n,) BDI-II points.
        score_probabilities: (n, levels) predicted probability of level 0, 1, ...
        sigma: standard deviation of the Gaussians, in points.
    """
    target = score_distribution(torch.from_numpy(score), score_probabilities.shape[1], sigma).numpy()
    return float(kl_div(target, score_probabilities).sum(1).mean())


def severity_confusion(score: np.ndarray, predicted_score: np.ndarray) -> np.ndarray:
    """(4, 4) int64 number of recordings with true band (row) and predicted band (column).

    Args:
        score: (n,) BDI-II points.
        predicted_score: (n,) BDI-II points; rounded to whole points to find the band.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.severity import severity_confusion
        >>> severity_confusion(np.array([5, 20, 40]), np.array([6, 15, 41]))
        array([[1, 0, 0, 0],
               [0, 0, 0, 0],
               [0, 1, 0, 0],
               [0, 0, 0, 1]])
    """
    bands = np.eye(len(SEVERITIES))[severity(predicted_score)]
    return confusion_matrix(severity(score), bands)


def severity_errors(score: np.ndarray, predicted_score: np.ndarray) -> dict[str, np.ndarray]:
    """Columns `num_videos, mae, rmse, bias`, each (4,) over the true bands; NaN in a band without any recording.

    `bias` is the mean of prediction minus truth: uncertain networks predict every score close to the middle.

    Args:
        score: (n,) BDI-II points.
        predicted_score: (n,) BDI-II points.
    """
    bands = severity(score)
    members = [(score[bands == i], predicted_score[bands == i]) for i in range(len(SEVERITIES))]
    errors = [
        (mae(true, said), rmse(true, said), np.mean(said - true)) if len(true) else (np.nan,) * 3
        for true, said in members
    ]
    columns = dict(zip(("mae", "rmse", "bias"), np.array(errors).T, strict=True))
    return {"num_videos": np.array([len(true) for true, _ in members]), **columns}
