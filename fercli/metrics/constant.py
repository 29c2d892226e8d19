"""The least that a model of depression must beat: one score for everybody."""

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


def constant_predictors(train: Columns, evaluated: Columns) -> dict[str, ConstantPredictor]:
    """What the `mean` and the `median` of the training recordings' scores reach on the evaluated recordings.

    The mean is the constant of least squared error, the median that of least absolute error, each on the training
    recordings. A recording counts once, however many of its frames there are. NaN where either side has no score.

    Args:
        train: columns `score` and `video` of the training rows.
        evaluated: columns `score` and `video` of the evaluated rows.
    """
    found = {}
    for name, center in (("mean", np.mean), ("median", np.median)):
        score = Metric(center, ["score"], per="video")(train)
        columns = {**evaluated, "predicted_score": np.full(len(evaluated["score"]), score)}
        reads = ["score", "predicted_score"]
        errors = {
            error.__name__: float("nan") if np.isnan(score) else Metric(error, reads, per="video")(columns)
            for error in (mae, rmse)
        }
        found[name] = ConstantPredictor(score, **errors)
    return found
