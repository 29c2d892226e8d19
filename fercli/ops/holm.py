"""Holm's correction of p values for their number."""

from collections.abc import Sequence


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Correct p values for their number. None (a test that was not possible) stays None and does not count.

    Source: Holm 1979.

    Examples:
        >>> from fercli.ops.holm import holm
        >>> holm([0.01, 0.04, None])
        [0.02, 0.04, None]
    """
    known = sorted((value, i) for i, value in enumerate(p) if value is not None)
    corrected: list[float | None] = [None] * len(p)
    largest = 0.0
    for rank, (value, i) in enumerate(known):
        largest = max(largest, min(1.0, (len(known) - rank) * value))
        corrected[i] = largest
    return corrected
