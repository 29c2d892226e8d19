"""The baseline that a model of depression must beat: one score for every recording."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from fercli.metrics.metric import Columns, LabelledRows, Metric

SCORES = ["score", "predicted_score"]


@dataclass(frozen=True)
class ConstantPredictor:
    """A score that is predicted for every recording, in BDI-II points, and what each error makes of it, by its name."""

    score: float
    errors: dict[str, float]


def constant_scores(train: Columns) -> dict[str, float]:
    """The `mean` and the `median` of the training recordings' scores; NaN without any.

    The mean is the constant of least squared error, the median that of least absolute error, each on the training
    recordings. A recording counts once, however many of its frames there are.

    Args:
        train: columns `score` and `video` of the training rows.
    """
    centers: dict[str, Callable[..., float]] = {"mean": np.mean, "median": np.median}
    (scores,) = LabelledRows(reads=["score"], per="video").rows(train)
    return {name: float(center(scores)) if len(scores) else float("nan") for name, center in centers.items()}


def constant_predictors(
    scores: Mapping[str, float], evaluated: Columns, metrics: Mapping[str, Metric]
) -> dict[str, ConstantPredictor]:
    """What constant scores reach on the evaluated recordings, by their names. NaN where either side has no score.

    Args:
        scores: as `constant_scores` gives them.
        evaluated: columns of the evaluated rows, as far as the metrics need them: `score`, `video`, `session`.
        metrics: those of the run, by name; the errors among them count, which read score and predicted score and fall
            as predictions get better. A correlation with a constant says nothing.
    """
    errors = {name: m for name, m in metrics.items() if list(m.reads) == SCORES and not m.higher_is_better}
    found = {}
    for name, score in scores.items():
        columns = {**evaluated, "predicted_score": np.full(len(evaluated["score"]), score)}
        known = {key: error for key, error in errors.items() if error.is_possible(columns)}
        values = {key: float("nan") if np.isnan(score) else error(columns) for key, error in known.items()}
        found[name] = ConstantPredictor(score, values)
    return found
