"""How well predicted depression scores hit the bands of severity, and how far they miss in each."""

import numpy as np

from fercli.metrics.affect import mae, rmse
from fercli.metrics.classification import confusion_matrix
from fercli.metrics.metric import Columns, Metric
from fercli.ops.severity import SEVERITIES, severity


def recording_scores(columns: Columns, aggregation: str = "mean") -> tuple[np.ndarray, np.ndarray]:
    """True and predicted score of each recording, (num_videos,) each, from the columns of a prediction table.

    Args:
        columns: with `score`, `predicted_score` and `video`; rows without a score do not count.
        aggregation: of the predictions for one recording, `mean` or `median`.
    """
    score, predicted = Metric(mae, ("score", "predicted_score"), "video", aggregation).rows(columns)
    return score, predicted


def severity_confusion(score: np.ndarray, predicted_score: np.ndarray) -> np.ndarray:
    """(4, 4) int64 number of recordings with the true band (row) and that of the prediction (column).

    Args:
        score: (n,) BDI-II points.
        predicted_score: (n,) BDI-II points, rounded to whole ones for the band.
    """
    bands = np.eye(len(SEVERITIES))[severity(predicted_score)]
    return confusion_matrix(severity(score), bands)


def severity_errors(score: np.ndarray, predicted_score: np.ndarray) -> dict[str, np.ndarray]:
    """Columns `num_videos, mae, rmse, bias`, each (4,) over the true bands; NaN in a band without any recording.

    `bias` is the mean of prediction minus truth: networks of little certainty draw every score to the middle.

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
