"""Sensitivity, specificity and predictive values, with intervals that count people."""

import math
from typing import Any

import numpy as np

from fercli.metrics.shares import LEVEL, normal_quantile, score_interval
from fercli.metrics.units import Units
from fercli.ops.severity import is_positive
from fercli.screening.people import Scores


def share(holds: np.ndarray, person: np.ndarray, level: float = LEVEL) -> dict[str, Any]:
    """Return the share of sittings for which something holds: `value`, `low`, `high`, `num_sittings`, `num_people`.

    Args:
        holds: (n,) bool.
        person: (n,) number of the person of each sitting. The interval is that of `Units.effective` sittings: as if all
            sittings of a person agreed.
    """
    value = float(holds.mean()) if len(holds) else math.nan
    people, number = np.unique(person, return_inverse=True)
    units = Units(number, {"subject": len(people)})
    low, high = score_interval(value, units.effective, normal_quantile(level))
    counts = {"num_sittings": len(holds), "num_people": len(people)}
    return {"value": value, "low": low, "high": high} | counts


def positive_predictive_value(sensitivity: float, specificity: float, prevalence: float) -> float:
    """Share of true positives among the positives at a prevalence (Bayes' rule); NaN where nobody is positive."""
    true, false = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    return true / (true + false) if true + false > 0 else math.nan


def negative_predictive_value(sensitivity: float, specificity: float, prevalence: float) -> float:
    """Share of true negatives among the negatives at a prevalence (Bayes' rule); NaN where nobody is negative."""
    return positive_predictive_value(specificity, sensitivity, 1 - prevalence)


def predictive_values(scores: Scores, cutoff: float, prevalence: float) -> dict[str, dict[str, float]]:
    """Return `ppv` and `npv` at a prevalence, each with `value`, `low` and `high`.

    Both rise with sensitivity and with specificity, which different people give. The ends are the values at the lower
    and at the upper ends of their two intervals, each at the level sqrt(0.95). So the interval holds in at least 95 %.

    Args:
        cutoff: lowest whole score that is positive.
        prevalence: share of positive people where the scores are to be used, in (0, 1).
    """
    true, said = is_positive(scores.score, cutoff), is_positive(scores.predicted, cutoff)
    sensitivity = share(said[true], scores.person[true], math.sqrt(LEVEL))
    specificity = share(~said[~true], scores.person[~true], math.sqrt(LEVEL))
    formulas = {"ppv": positive_predictive_value, "npv": negative_predictive_value}
    return {
        name: {end: formula(sensitivity[end], specificity[end], prevalence) for end in ("value", "low", "high")}
        for name, formula in formulas.items()
    }


def shares(scores: Scores, cutoff: float) -> dict[str, dict[str, Any]]:
    """Return `prevalence`, `sensitivity`, `specificity`, and `ppv` and `npv` at the prevalence of the sample.

    Args:
        cutoff: lowest whole score that is positive, for the true and for the predicted score.
    """
    true, said = is_positive(scores.score, cutoff), is_positive(scores.predicted, cutoff)
    found = {
        "prevalence": (true, np.ones(len(true), dtype=bool)),
        "sensitivity": (said, true),
        "specificity": (~said, ~true),
        "ppv": (true, said),
        "npv": (~true, ~said),
    }
    return {name: share(holds[among], scores.person[among]) for name, (holds, among) in found.items()}
