"""Find predictions that show a failed training: worse than a guess, or one class for all samples."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from fercli.fields import NUMBERS
from fercli.metrics.metric import known_rows
from fercli.scales import Scale

REMEDY = "training has diverged; lower optimizer.lr"
TIMES = 5  # of the log loss of a guess: a network that has learned its training samples by heart stays far below
FEWEST = 20  # labelled samples: of fewer, a sound network may give all one class


def diverged(columns: Mapping[str, np.ndarray], scale: Scale) -> str:
    """Say which predictions show that the training has diverged; empty if none do.

    Numbers: they lie outside of the range of their label by more than half its width, on average. Whatever the labels
    are, they are then worse than the middle of the range for everybody.

    Classes: their log loss is more than `TIMES` that of guessing all K classes alike, ln K, and their accuracy is not
    above the share of the most frequent class by two standard errors of this share. A network that fits its training
    samples too well has a large log loss, too, but its accuracy is better.

    Args:
        columns: of a prediction table; those of `predicted_<label>`, and `probabilities` with `expression`.
        scale: of the scores.

    Examples:
        >>> import numpy as np
        >>> from fercli.scales import named
        >>> diverged({"predicted_score": np.array([5.0, -2.0, 70.0])}, named("bdi_ii"))
        ''
        >>> diverged({"predicted_score": np.array([5.0, 4e15])}, named("bdi_ii"))
        'predicted score: 2e+15 points outside of BDI-II, 0 to 63 points, on average: training has diverged; lower optimizer.lr'
    """  # noqa: E501  # one sentence
    found = []
    for name, number in NUMBERS.items():
        if (predicted := columns.get(f"predicted_{name}")) is None or not len(predicted):
            continue
        low, high = (scale.low, scale.high) if name == "score" else (number.low, number.high)
        away = float(np.abs(predicted - predicted.clip(low, high)).mean(dtype=np.float64))
        if away > (high - low) / 2:
            unit = f" {number.unit}" if number.unit else ""
            within = scale.range if name == "score" else f"{low:g} to {high:g}{unit}"
            found.append(f"predicted {name}: {_rounded(away)}{unit} outside of {within}, on average")
    found += _worse_than_a_guess(*_labelled(columns))
    return f"{'; '.join(found)}: {REMEDY}" if found else ""


def one_class(columns: Mapping[str, np.ndarray], classes: Sequence[str]) -> str:
    """Say that every labelled sample is predicted as one class, while there are several; empty if it is not so.

    Args:
        columns: of a prediction table; `probabilities` with `expression` are looked at.
        classes: names in the order of the probabilities.
    """
    expression, probabilities = _labelled(columns)
    predicted = np.unique(probabilities.argmax(1))
    if len(expression) < FEWEST or len(predicted) > 1 or len(np.unique(expression)) == 1:
        return ""
    return (
        f"each of {len(expression):,} samples is predicted as {classes[predicted[0]]}: the network tells no classes "
        "apart; train longer, or change optimizer.lr"
    )


def _labelled(columns: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the class index (n,) and the probabilities (n, K) of labelled samples; none without classes."""
    if not {"expression", "probabilities"} <= set(columns):
        return np.empty(0, dtype=np.int64), np.empty((0, 1))
    known = known_rows(columns, ["expression"])
    return columns["expression"][known], columns["probabilities"][known]


def _worse_than_a_guess(expression: np.ndarray, probabilities: np.ndarray) -> list[str]:
    if (num := len(expression)) < FEWEST or not np.isfinite(probabilities).all():
        return []
    of_true = probabilities[np.arange(num), expression].astype(np.float64)
    loss = float(-np.log(of_true.clip(np.finfo(np.float64).tiny)).mean())
    guessed = math.log(probabilities.shape[1])
    accuracy = float((probabilities.argmax(1) == expression).mean())
    share = np.bincount(expression).max() / num
    if loss <= TIMES * guessed or accuracy > share + 2 * math.sqrt(share * (1 - share) / num):
        return []
    return [
        f"predicted classes: log loss {_rounded(loss)} nats, where guessing all {probabilities.shape[1]} classes alike "
        f"has {_rounded(guessed)}, and accuracy {accuracy:.1%} is no better than naming the most frequent class"
    ]


def _rounded(distance: float) -> str:
    return f"{distance:,.0f}" if 100 <= distance < 1e9 else f"{distance:.3g}"


def diverged_in_words(result: Mapping[str, object]) -> list[str]:
    """Return the sentence that a `metrics.json` holds about such predictions; nothing for others."""
    found = [f"Diverged: {result['diverged']}."] if result.get("diverged") else []
    return found + ([f"One class: {result['one_class']}."] if result.get("one_class") else [])
