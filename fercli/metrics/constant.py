"""The baseline that a depression model must beat: the same score for every recording."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from fercli.metrics.metric import Columns, LabelledRows, Metric

SCORES = ["score", "predicted_score"]


@dataclass(frozen=True)
class ConstantPredictor:
    """A score that is predicted for every recording, in points, and its value in each error metric, by name."""

    score: float
    errors: dict[str, float]


def constant_scores(train: Columns) -> dict[str, float]:
    """Return the `mean` and the `median` of the training recordings' scores; NaN without any.

    On the training recordings, the mean is the constant with the least squared error, and the median the constant with
    the least absolute error. Each recording counts once, however many frames it has.

    Args:
        train: columns `score` and `video` of the training rows.
    """
    centers: dict[str, Callable[..., float]] = {"mean": np.mean, "median": np.median}
    (scores,) = LabelledRows(reads=["score"], per="video").rows(train)
    return {name: float(center(scores)) if len(scores) else float("nan") for name, center in centers.items()}


def constant_predictors(
    scores: Mapping[str, float], evaluated: Columns, metrics: Mapping[str, Metric]
) -> dict[str, ConstantPredictor]:
    """Evaluate constant scores on the evaluated recordings, by name; NaN where training or evaluation has no score.

    Args:
        scores: result of `constant_scores`.
        evaluated: columns of the evaluated rows, as far as the metrics need them: `score`, `video`, `session`.
        metrics: the metrics of the run, by name. Only errors are used: metrics that read score and predicted score,
            where lower is better. A correlation with a constant is meaningless.
    """
    errors = {name: m for name, m in metrics.items() if list(m.reads) == SCORES and not m.higher_is_better}
    found = {}
    for name, score in scores.items():
        columns = {**evaluated, "predicted_score": np.full(len(evaluated["score"]), score)}
        known = {key: error for key, error in errors.items() if error.is_possible(columns)}
        values = {key: float("nan") if np.isnan(score) else error(columns) for key, error in known.items()}
        found[name] = ConstantPredictor(score, values)
    return found
