"""Metrics of the confusion matrix: from the rows of a prediction table, or from counts alone."""

from collections.abc import Callable
from functools import partial, wraps
from inspect import Parameter, Signature, signature
from typing import Concatenate, ParamSpec

import numpy as np

from fercli.metrics.cells import cells, counted

Options = ParamSpec("Options")


def of_matrix(
    function: Callable[Concatenate[np.ndarray, Options], np.ndarray],
) -> Callable[Concatenate[np.ndarray, np.ndarray, Options], float]:
    """Turn a metric of confusion matrices (..., K, K) into one of the class index (n,) and the probabilities (n, K).

    `from_counts` gives the metric of the matrices back, with values (...).
    """

    @wraps(function)
    def metric(
        expression: np.ndarray, probabilities: np.ndarray, *args: Options.args, **options: Options.kwargs
    ) -> float:
        matrix = counted(cells(expression, probabilities), probabilities.shape[1])
        return float(function(matrix, *args, **options))

    _, *options = signature(function).parameters.values()
    columns = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in ("expression", "probabilities")]
    vars(metric).update(__signature__=Signature([*columns, *options]), of_matrix=function)
    return metric


def from_counts(function: Callable[..., float]) -> Callable[[np.ndarray], np.ndarray] | None:
    """Return the same metric (...) of confusion matrices (..., K, K); None where it needs more of the rows."""
    if isinstance(function, partial):
        inner = from_counts(function.func)
        return None if inner is None else partial(inner, *function.args, **function.keywords)
    found: Callable[[np.ndarray], np.ndarray] | None = getattr(function, "of_matrix", None)
    return found
