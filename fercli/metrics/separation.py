"""How well classes are separated in a feature space."""

import numpy as np
from scipy.spatial.distance import pdist


def class_separation(feature: np.ndarray, expression: np.ndarray) -> float:
    """Smallest distance between two class means, divided by the mean distance of samples to the mean of their class.

    NaN with fewer than two classes, and where all samples lie on the mean of their class.

    Args:
        feature: (n, dim).
        expression: (n,) class index.

    Source: figure 3.5 of Farzaneh 2020 shows it; the formula for it is fercli's own.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.separation import class_separation
        >>> float(class_separation(np.array([[0.0], [2.0], [10.0], [12.0]]), np.array([0, 0, 1, 1])))
        10.0
    """
    numbers, place = np.unique(expression, return_inverse=True)
    if len(numbers) < 2:
        return float("nan")
    means = np.stack([feature[expression == number].mean(0) for number in numbers])
    within = np.linalg.norm(feature - means[place], axis=1).mean()
    return float(pdist(means).min() / within) if within else float("nan")
