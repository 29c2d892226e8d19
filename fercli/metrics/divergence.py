"""Notice predictions that no training meant: so far outside of the range of their label that the training diverged."""

from collections.abc import Mapping

import numpy as np

from fercli.fields import NUMBERS
from fercli.scales import Scale

REMEDY = "training has diverged; lower optimizer.lr"


def diverged(columns: Mapping[str, np.ndarray], scale: Scale) -> str:
    """Say which predictions lie outside of the range of their label by more than half its width, on average.

    Whatever the labels are, these predictions are then worse than the middle of the range for everybody. Empty if none
    are.

    Args:
        columns: of a prediction table; those of `predicted_<label>` are looked at.
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
    return f"{'; '.join(found)}: {REMEDY}" if found else ""


def _rounded(distance: float) -> str:
    return f"{distance:,.0f}" if 100 <= distance < 1e9 else f"{distance:.3g}"


def diverged_in_words(result: Mapping[str, object]) -> list[str]:
    """Return the sentence that a `metrics.json` holds about diverged predictions; nothing for others."""
    return [f"Diverged: {result['diverged']}."] if result.get("diverged") else []
