"""The numbers of a screening at one cut-off."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fercli.ops.ranking import area_under_roc, average_precision
from fercli.ops.severity import is_positive
from fercli.screening.decision import net_benefit, treat_all
from fercli.screening.heldout import probabilities
from fercli.screening.options import Training
from fercli.screening.people import Scores, Statistic, people_intervals
from fercli.screening.shares import predictive_values, shares

ACTING = (0.1, 0.2, 0.5)  # thresholds of the net benefit in tables

Number = dict[str, Any]


def number(value: float, interval: tuple[float, float], constant: float) -> Number:
    """Return a number with the ends of its interval, and with what the constant predictor gives."""
    return {"value": value, "low": interval[0], "high": interval[1], "constant": constant}


def at_cutoff(cutoff: float, scores: Scores, training: Training, stated: float | None) -> dict[str, Any]:
    """Return all numbers at one cut-off.

    The constant predictor gives everybody the mean training score, and the training prevalence as probability.

    Args:
        cutoff: lowest whole score that is positive.
        stated: prevalence where the scores are to be used; None where none is stated.
    """
    before, known = training.prevalence(cutoff), not math.isnan(training.constant)
    always = known and bool(is_positive(training.constant, cutoff))
    never = known and not always
    found: dict[str, Any] = {"cutoff": cutoff, "training_prevalence": before}
    found |= shares(scores, cutoff)
    prevalence = found["prevalence"]["value"]
    for name, value in {"sensitivity": always, "specificity": never}.items():
        found[name]["constant"] = float(value) if known else math.nan
    found |= _with_constant("", found, prevalence, always, never)
    for name, share in {"training": before, "stated": math.nan if stated is None else stated}.items():
        if 0 < share < 1:
            found |= _with_constant(f"_{name}", predictive_values(scores, cutoff, share), share, always, never)
    found |= _statistics(cutoff, scores, before)
    for threshold in ACTING:
        found[f"net_benefit_{threshold:g}"]["treat_all"] = treat_all(prevalence, threshold)
    return found


def _with_constant(
    ending: str, values: dict[str, Number], prevalence: float, always: bool, never: bool
) -> dict[str, Number]:
    """Return both predictive values with those of the constant predictor, which says always or never."""
    constant = {"ppv": prevalence if always else math.nan, "npv": 1 - prevalence if never else math.nan}
    return {f"{name}{ending}": values[name] | {"constant": value} for name, value in constant.items()}


def _statistics(cutoff: float, scores: Scores, before: float) -> dict[str, Number]:
    positive, probability = is_positive(scores.score, cutoff), probabilities(scores, cutoff)
    prevalence = float(positive.mean())
    same = np.full(len(positive), before)

    def brier(probability: np.ndarray) -> Statistic:
        return lambda rows, _: float(np.mean((probability[rows] - positive[rows]) ** 2))

    def ratio(probability: np.ndarray) -> Statistic:
        return lambda rows, _: (
            float(probability[rows].sum() / positive[rows].sum()) if positive[rows].any() else math.nan
        )

    def ranked(function: Callable[[np.ndarray, np.ndarray], float]) -> Statistic:
        return lambda rows, _: function(positive[rows], scores.predicted[rows])

    def acting(probability: np.ndarray, threshold: float) -> Statistic:
        return lambda rows, _: net_benefit(positive[rows], probability[rows], threshold)

    everybody = np.arange(len(positive)), scores.person
    own: dict[str, tuple[Statistic, float]] = {
        "auc": (ranked(area_under_roc), 0.5),
        "average_precision": (ranked(average_precision), prevalence),
        "brier": (brier(probability), brier(same)(*everybody)),
        "expected_by_observed": (ratio(probability), ratio(same)(*everybody)),
    }
    for one in ACTING:
        constant = math.nan if math.isnan(before) else acting(same, one)(*everybody)
        defined = not np.isnan(probability).any()
        own[f"net_benefit_{one:g}"] = (acting(probability, one) if defined else lambda *_: math.nan, constant)
    intervals = people_intervals([statistic for statistic, _ in own.values()], scores.person)
    return {
        name: number(statistic(*everybody), interval, constant)
        for (name, (statistic, constant)), interval in zip(own.items(), intervals, strict=True)
    }
