"""The t test for values of folds, whose training sets overlap."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from fercli.errors import RunError


@dataclass(frozen=True, slots=True)
class CorrectedT:
    """The corrected resampled t test over J folds or splits.

    Attributes:
        num_folds: J, over all repetitions.
        mean: mean of the values, in their unit; NaN without any.
        sd: their standard deviation, with J - 1; None for fewer than two.
        low: lower end of the interval of the mean; None where the values have no spread to measure.
        high: upper end of it.
        p: two-sided p of a mean of zero; None as for `low`.
    """

    num_folds: int
    mean: float
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None


def corrected_t_test(
    values: Sequence[float] | np.ndarray, num_train: float, num_test: float, level: float = 0.95
) -> CorrectedT:
    """Test the values of J folds or repeated splits, one difference of two methods (or one metric) for each.

    The training sets of folds overlap, so the values are not independent and the usual variance s^2 / J is too small.
    The variance of the mean is estimated by

        (1 / J + num_test / num_train) s^2,

    and t has J - 1 degrees of freedom. For k folds without repetition, num_test / num_train is 1 / (k - 1).

    Args:
        values: (J,), in any unit.
        num_train: rows (or subjects) that one fold trains on; the mean over folds where they differ.
        num_test: rows (or subjects) that one fold evaluates on, counted alike.
        level: confidence level of the interval, in (0, 1).

    Raises:
        RunError: a number of rows is not above 0, or a value is not finite.

    Source: Nadeau and Bengio 2003, "Inference for the generalization error", Machine Learning 52, section 3, the
    corrected resampled t test; Bouckaert and Frank 2004 for repeated folds, with J = repetitions times folds.

    Examples:
        >>> from fercli.studies.resampled_t import corrected_t_test
        >>> found = corrected_t_test([1.0, 2.0, 3.0, 2.0, 2.0], num_train=80, num_test=20)
        >>> round(found.mean, 3), round(found.low, 3), round(found.high, 3), round(found.p, 4)
        (2.0, 0.683, 3.317, 0.0135)
    """
    found = np.asarray(values, dtype=float)
    if not (num_train > 0 and num_test > 0):
        raise RunError(f"expected rows to train on and rows to test on, found {num_train:g} and {num_test:g}")
    if not np.isfinite(found).all():
        raise RunError("expected a finite value of each fold, found NaN: a fold cannot compute this metric")
    num_folds = len(found)
    mean = float(found.mean()) if num_folds else float("nan")
    if num_folds < 2:
        return CorrectedT(num_folds, mean)
    sd = float(found.std(ddof=1))
    if sd <= 1e-9 * np.abs(found).max():  # equal but for rounding: nothing to measure a spread from
        return CorrectedT(num_folds, mean, 0.0)
    error = sd * math.sqrt(1 / num_folds + num_test / num_train)
    half = float(stats.t.ppf((1 + level) / 2, num_folds - 1)) * error
    p = 2 * float(stats.t.sf(abs(mean) / error, num_folds - 1))
    return CorrectedT(num_folds, mean, sd, mean - half, mean + half, p)
