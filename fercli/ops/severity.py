"""Severity of depression: the bands of the BDI-II."""

import numpy as np

from fercli.errors import DataError

SEVERITIES = ("none or minimal", "mild", "moderate", "severe")
FIRST_POINTS = (0, 14, 20, 29)  # lowest score of each band
MOST_POINTS = 63  # highest score of the BDI-II


def severity(score: np.ndarray | float) -> np.ndarray:
    """Index of the band of each score in `SEVERITIES`, int64, after rounding to whole points.

    A predicted score below 0 is in the first band, and one above 63 in the last.

    Args:
        score: BDI-II points, of any shape.

    Raises:
        DataError: a score is not a finite number.

    Source: Beck, Steer and Brown 1996; Lin 2021, table 1-1.

    Examples:
        >>> import numpy as np
        >>> from fercli.ops.severity import severity
        >>> severity(np.array([13, 14, 29]))
        array([0, 1, 3])
    """
    score = np.asarray(score)
    if not np.isfinite(score).all():
        raise DataError("expected scores that are finite numbers, found NaN or infinity; leave out unlabelled rows")
    return np.searchsorted(FIRST_POINTS[1:], round_half_up(score), side="right")


def round_half_up(x: np.ndarray | float) -> np.ndarray:
    """Round to the nearest whole number; round halves up, while NumPy rounds them to the even number.

    Examples:
        >>> import numpy as np
        >>> from fercli.ops.severity import round_half_up
        >>> round_half_up(np.array([0.5, 1.5, 2.4]))
        array([1., 2., 2.])
    """
    return np.floor(np.asarray(x) + 0.5)
