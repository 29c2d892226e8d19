"""The numbers of a screening, as `metrics.json` holds them."""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from fercli.metrics.affect import mae
from fercli.ops.severity import severity
from fercli.scales import Scale
from fercli.screening.agreement import calibration_line, limits_intervals, limits_of_agreement
from fercli.screening.cutoff import Number, at_cutoff, number
from fercli.screening.heldout import COVERAGE, bands, half_width, half_widths, one_of_each
from fercli.screening.options import ScreeningOptions, Training
from fercli.screening.people import Scores, Statistic, people_intervals
from fercli.screening.shares import share

LIMITS = ("bias", "lower", "upper")


def screening_document(scores: Scores, training: Training, scale: Scale, options: ScreeningOptions) -> dict[str, Any]:
    """Return the numbers of a screening. A number has `value`, `low` and `high` (95 %), and `constant`, where known.

    `constant` is what one score for everybody gives: the mean of the training recordings. A number that is not defined
    is None.

    Raises:
        ConfigError: a cut-off is no score of the scale.
    """
    content: dict[str, Any] = _without_nan(
        {
            "scale": scale.name,
            "unit": scores.unit,
            "aggregation": scores.aggregation,
            "num_sittings": len(scores.score),
            "num_people": scores.num_people,
            "has_subjects": scores.has_subjects,
            "probability": "errors of the other half" if scores.levels is None else "predicted distribution",
            "stated_prevalence": options.prevalence,
            "training": {"num_recordings": len(training.score), "constant": training.constant},
            "scores": _agreement(scores, training),
            "cutoffs": [at_cutoff(one, scores, training, options.prevalence) for one in options.cutoffs_of(scale)],
            "bands": _bands(scores, training, scale),
        }
    )
    return content


def _agreement(scores: Scores, training: Training) -> dict[str, Number]:
    """Return the mean absolute error, the limits of agreement, and the line of calibration."""
    everybody = np.arange(len(scores.score)), scores.person
    own, constant = (
        _statistics(scores.score, predicted)
        for predicted in (scores.predicted, np.full(len(scores.score), training.constant))
    )
    intervals = dict(zip(own, people_intervals([*own.values()], scores.person), strict=True))
    if scores.num_people == len(scores.score):  # the closed form holds where everybody has one sitting
        closed = limits_intervals(scores.predicted - scores.score)
        intervals |= dict(zip(LIMITS, closed, strict=True))
    return {name: number(own[name](*everybody), intervals[name], constant[name](*everybody)) for name in own}


def _statistics(score: np.ndarray, predicted: np.ndarray) -> dict[str, Statistic]:
    def limit(place: int, rows: np.ndarray, person: np.ndarray) -> float:
        return limits_of_agreement(predicted[rows] - score[rows], person)[place]

    def line(place: int, rows: np.ndarray, _: np.ndarray) -> float:
        return calibration_line(score[rows], predicted[rows])[place]

    found: dict[str, Statistic] = {"mae": lambda rows, _: mae(score[rows], predicted[rows])}
    found |= {name: partial(limit, place) for place, name in enumerate(LIMITS)}
    return found | {name: partial(line, place) for place, name in enumerate(("slope", "intercept"))}


def _bands(scores: Scores, training: Training, scale: Scale) -> dict[str, Any]:
    """Return the half width of the score bands for new people, and their coverage by true band of severity."""
    covered, width = _covered(scores, scale)
    constant, _ = _covered(scores.with_predicted(np.full(len(scores.score), training.constant)), scale)
    members = [("all", np.ones(len(width), dtype=bool))]
    if scale.bands:
        true = severity(scores.score, scale)
        members += [(name, true == place) for place, name in enumerate(scale.names)]
    rows = []
    for name, among in members:
        known = among & ~np.isnan(covered)
        row = {"name": name} | share(covered[known] == 1, scores.person[known])
        rows.append(row | {"constant": _mean(constant[among]), "width": _mean(width[among])})
        rows[-1] |= {"num_sittings": int(among.sum()), "num_people": len(np.unique(scores.person[among]))}
    errors = (scores.predicted - scores.score)[one_of_each(scores.person)]
    return {"coverage": COVERAGE, "half_width": half_width(errors), "by_severity": rows}


def _covered(scores: Scores, scale: Scale) -> tuple[np.ndarray, np.ndarray]:
    """Return whether each band contains the true score, 1 or 0, and its width; NaN where the band is infinite."""
    widths = half_widths(scores)
    low, high = bands(scores, widths, scale)
    known = np.isfinite(widths) & np.isfinite(scores.predicted)
    covered = np.where(known, (low <= scores.score) & (scores.score <= high), np.nan)
    return covered, np.where(known, high - low, np.nan)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else math.nan


def _without_nan(content: Any) -> Any:
    """Return the content with None for every number that is not defined."""
    if isinstance(content, dict):
        return {key: _without_nan(value) for key, value in content.items()}
    if isinstance(content, Sequence) and not isinstance(content, str):
        return [_without_nan(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content
