"""How long a prediction takes."""

import numpy as np


def median_time(seconds: np.ndarray) -> float:
    """Median time over the samples that were timed, in seconds; NaN without any.

    Args:
        seconds: (n,) time of the forward pass of each sample alone in its batch; 0 for a sample that was not timed.
    """
    timed = seconds[seconds > 0]
    return float(np.median(timed)) if len(timed) else float("nan")
