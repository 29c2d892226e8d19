"""The least that a model of depression must beat: one score for everybody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from fercli.metrics.affect import mae, rmse
from fercli.metrics.metric import Columns, Metric


@dataclass(frozen=True)
class ConstantPredictor:
    """A score that is predicted for every recording, and how far it is from the truth, all in BDI-II points."""

    score: float
    mae: float
    rmse: float


def constant_scores(train: Columns) -> dict[str, float]:
    """The `mean` and the `median` of the training recordings' scores; NaN without any.

    The mean is the constant of least squared error, the median that of least absolute error, each on the training
    recordings. A recording counts once, however many of its frames there are.

    Args:
        train: columns `score` and `video` of the training rows.
    """
    centers: dict[str, Callable[..., float]] = {"mean": np.mean, "median": np.median}
    return {name: Metric(center, ["score"], per="video")(train) for name, center in centers.items()}


def constant_predictors(scores: Mapping[str, float], evaluated: Columns) -> dict[str, ConstantPredictor]:
    """What constant scores reach on the evaluated recordings, by their names. NaN where either side has no score.

    Args:
        scores: as `constant_scores` gives them.
        evaluated: columns `score` and `video` of the evaluated rows.
    """
    found = {}
    for name, score in scores.items():
        columns = {**evaluated, "predicted_score": np.full(len(evaluated["score"]), score)}
        reads = ["score", "predicted_score"]
        errors = {
            error.__name__: float("nan") if np.isnan(score) else Metric(error, reads, per="video")(columns)
            for error in (mae, rmse)
        }
        found[name] = ConstantPredictor(score, **errors)
    return found
