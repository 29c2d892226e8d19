"""What the baselines of AffectNet are reported in, beside accuracy and F1: kappa, AUC and AUC-PR.

All take the class index (n,) of labelled rows and the class probabilities (n, K). AUC and AUC-PR look at each class
against all others, and are the mean over classes; a class that no row or every row shows is left out.

Source: Mollahosseini et al. 2017.
"""

from collections.abc import Callable

import numpy as np

from fercli.metrics.counts import of_matrix
from fercli.ops.ranking import area_under_roc, average_precision


@of_matrix
def cohen_kappa(matrix: np.ndarray) -> np.ndarray:
    """Agreement of predictions with labels beyond chance, in [-1, 1]; NaN where both are always one class.

    Source: Cohen 1960, equation 1.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.affectnet import cohen_kappa
        >>> expression = np.array([0, 0, 0, 1])
        >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
        >>> round(float(cohen_kappa(expression, probabilities)), 4)
        0.5
    """
    total = matrix.sum(axis=(-2, -1)).astype(np.float64)
    agreed = np.trace(matrix, axis1=-2, axis2=-1) * total
    by_chance = np.vecdot(matrix.sum(axis=-1), matrix.sum(axis=-2))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.true_divide(agreed - by_chance, total**2 - by_chance)


def mean_auc(expression: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean area under the ROC curve over classes, in [0, 1]; equal probabilities count half.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.affectnet import mean_auc
        >>> expression = np.array([0, 0, 0, 1])
        >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
        >>> round(mean_auc(expression, probabilities), 4)
        0.6667
    """
    return _over_classes(area_under_roc, expression, probabilities)


def mean_auc_pr(expression: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean average precision over classes, in [0, 1]: the area under the precision-recall curve, in steps.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.affectnet import mean_auc_pr
        >>> expression = np.array([0, 0, 0, 1])
        >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
        >>> round(mean_auc_pr(expression, probabilities), 4)
        0.7083
    """
    return _over_classes(average_precision, expression, probabilities)


def _over_classes(
    area: Callable[[np.ndarray, np.ndarray], float], expression: np.ndarray, probabilities: np.ndarray
) -> float:
    shown = expression[:, None] == np.arange(probabilities.shape[1])
    some = np.flatnonzero(shown.any(axis=0) & ~shown.all(axis=0))
    found = [area(shown[:, place], probabilities[:, place]) for place in some]
    return float(np.mean(found)) if found else float("nan")
