"""How sure a metric is: the spread over samples that might as well have been in the split."""

from collections.abc import Callable, Mapping

import numpy as np

from fercli.errors import ConfigError
from fercli.metrics.classification import labelled_rows

Metric = Callable[[np.ndarray, np.ndarray], float]


def bootstrap_intervals(
    metrics: Mapping[str, Metric],
    expression: np.ndarray,
    probabilities: np.ndarray,
    num_resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> dict[str, tuple[float, float]]:
    """Percentile interval of each metric, all from the same resamples of the labelled rows.

    Rows are drawn as if they were independent: frames of one video or photographs of one person are not, and their
    interval is too narrow. It holds for the trained network as it is, not for training it again.

    Args:
        metrics: name to function of (expression, probabilities).
        expression: (n,) class index, -1 where unlabelled.
        probabilities: (n, K).
        num_resamples: how often n rows are drawn with replacement.
        seed: of the draws.
        level: of confidence, in (0, 1).

    Returns:
        Lower and upper end by name; NaN without a labelled row.

    Source: Efron and Tibshirani 1993, chapter 13.
    """
    if not 0 < level < 1:
        raise ConfigError(f"expected a level of confidence between 0 and 1, found {level}")
    expression, probabilities = labelled_rows(expression, probabilities)
    num_rows = len(expression)
    if num_rows == 0:
        return dict.fromkeys(metrics, (float("nan"), float("nan")))
    generator = np.random.default_rng(seed)
    values = np.empty((num_resamples, len(metrics)))
    for resample in values:
        rows = generator.integers(num_rows, size=num_rows)
        drawn = expression[rows], probabilities[rows]
        resample[:] = [metric(*drawn) for metric in metrics.values()]
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return {name: (float(low[i]), float(high[i])) for i, name in enumerate(metrics)}
