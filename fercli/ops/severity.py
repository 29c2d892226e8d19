"""Severity of depression: the band of a score, and whether it is positive in screening."""

import numpy as np

from fercli.errors import DataError
from fercli.scales import Scale


def severity(score: np.ndarray | float, scale: Scale) -> np.ndarray:
    """Index of the band of each score in `scale.names`, int64, after rounding to whole points.

    A predicted score below the range is in the first band, and one above it in the last.

    Args:
        score: points, of any shape.
        scale: must have bands.

    Raises:
        DataError: a score is not a finite number.

    Source: the one that the scale names; for the BDI-II also Lin 2021, table 1-1.

    Examples:
        >>> import numpy as np
        >>> from fercli.ops.severity import severity
        >>> from fercli.scales import named
        >>> severity(np.array([13, 14, 29]), named("bdi_ii"))
        array([0, 1, 3])
        >>> severity(np.array([13, 14, 20]), named("phq9"))
        array([2, 2, 4])
    """
    return np.searchsorted(scale.firsts[1:], _whole(score), side="right")


def is_positive(score: np.ndarray | float, cutoff: float) -> np.ndarray:
    """Whether each score reaches the cut-off of a screening, bool, after rounding to whole points.

    Args:
        score: points, of any shape.
        cutoff: lowest whole score that counts as positive.

    Raises:
        DataError: a score is not a finite number.

    Examples:
        >>> import numpy as np
        >>> from fercli.ops.severity import is_positive
        >>> is_positive(np.array([9.4, 9.5, 12]), 10)
        array([False,  True,  True])
    """
    return _whole(score) >= cutoff


def _whole(score: np.ndarray | float) -> np.ndarray:
    score = np.asarray(score)
    if not np.isfinite(score).all():
        raise DataError("expected scores that are finite numbers, found NaN or infinity; leave out unlabelled rows")
    return round_half_up(score)


def round_half_up(x: np.ndarray | float) -> np.ndarray:
    """Round to the nearest whole number; round halves up, while NumPy rounds them to the even number.

    Examples:
        >>> import numpy as np
        >>> from fercli.ops.severity import round_half_up
        >>> round_half_up(np.array([0.5, 1.5, 2.4]))
        array([1., 2., 2.])
    """
    return np.floor(np.asarray(x) + 0.5)
