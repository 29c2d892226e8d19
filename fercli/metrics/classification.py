"""Metrics of a classifier over a whole split, from columns of the prediction table.

All take the class index (n,) of labelled rows and the class probabilities (n, K), and give a float64 in [0, 1] (MCC: in
[-1, 1]); without any row a metric is NaN. They are computed from counts in float64, because torchmetrics works in
float32; the tests compare them with torchmetrics and scikit-learn.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from fercli.metrics.cells import cells, counted
from fercli.metrics.counts import of_matrix


def confusion_matrix(expression: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(K, K) int64 number of samples with true class (row) and predicted class (column).

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.classification import confusion_matrix
        >>> expression = np.array([0, 0, 0, 1])
        >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
        >>> confusion_matrix(expression, probabilities)
        array([[2, 1],
               [0, 1]])
    """
    return counted(cells(expression, probabilities), probabilities.shape[1])


@of_matrix
def accuracy(matrix: np.ndarray) -> np.ndarray:
    """Share of samples whose most probable class is the true one.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.classification import accuracy
        >>> expression = np.array([0, 0, 0, 1])
        >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
        >>> round(float(accuracy(expression, probabilities)), 4)
        0.75
    """
    return _accuracy(matrix)


@of_matrix
def mean_class_accuracy(matrix: np.ndarray) -> np.ndarray:
    """Mean recall over classes, also called average or balanced accuracy. Classes without samples are left out.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.classification import mean_class_accuracy
        >>> expression = np.array([0, 0, 0, 1])
        >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
        >>> round(float(mean_class_accuracy(expression, probabilities)), 4)
        0.8333
    """
    return _mean_of_known(per_class_from(matrix)["recall"])


@of_matrix
def recall_of(matrix: np.ndarray, names: Sequence[str], classes: Sequence[str]) -> np.ndarray:
    """Mean recall of the named classes; classes without samples are left out, NaN if none has samples.

    Args:
        matrix: confusion matrices (..., K, K); callers give the class index (n,) and the probabilities (n, K) instead.
        names: the classes to average; names that the data set does not have are ignored.
        classes: K names.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.classification import recall_of
        >>> expression = np.array([0, 0, 0, 1])
        >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
        >>> float(recall_of(expression, probabilities, names=["anger"], classes=["fear", "anger"]))
        1.0
    """
    recall = np.compress([name in names for name in classes], per_class_from(matrix)["recall"], axis=-1)
    return _ratio(np.nan_to_num(recall).sum(axis=-1), (~np.isnan(recall)).sum(axis=-1))


@of_matrix
def macro_f1(matrix: np.ndarray) -> np.ndarray:
    """Mean F1 over all K classes; the F1 of a class that is neither true nor predicted is 0.

    scikit-learn instead averages over the classes that occur. No source that fercli follows defines it: the Aff-Wild2
    score that Antoniadis 2021 reports contains it, and the released code of Farzaneh 2020 logs it.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.classification import macro_f1
        >>> expression = np.array([0, 0, 0, 1])
        >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
        >>> round(float(macro_f1(expression, probabilities)), 4)
        0.7333
    """
    return _macro_f1(matrix)


@of_matrix
def weighted_f1(matrix: np.ndarray) -> np.ndarray:
    """Mean F1 over classes, weighted by the number of samples of each class.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.classification import weighted_f1
        >>> expression = np.array([0, 0, 0, 1])
        >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
        >>> round(float(weighted_f1(expression, probabilities)), 4)
        0.7667
    """
    classes = per_class_from(matrix)
    return _ratio(np.vecdot(np.nan_to_num(classes["f1"]), classes["num_samples"]), matrix.sum(axis=(-2, -1)))


@of_matrix
def mcc(matrix: np.ndarray) -> np.ndarray:
    """Matthews correlation coefficient for K classes, in [-1, 1]; 0 if all samples or all predictions are of one class.

    Source: Gorodkin 2004, equation 8.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.classification import mcc
        >>> expression = np.array([0, 0, 0, 1])
        >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
        >>> round(float(mcc(expression, probabilities)), 4)
        0.5774
    """
    matrix = matrix.astype(np.float64)
    total, true, predicted = matrix.sum(axis=(-2, -1)), matrix.sum(axis=-1), matrix.sum(axis=-2)
    covariance = np.trace(matrix, axis1=-2, axis2=-1) * total - np.vecdot(true, predicted)
    spread = np.sqrt(total**2 - np.vecdot(predicted, predicted)) * np.sqrt(total**2 - np.vecdot(true, true))
    found = np.where(spread > 0, _ratio(covariance, spread), 0.0)
    return np.where(total > 0, found, np.nan)


def ece(expression: np.ndarray, probabilities: np.ndarray, num_bins: int = 15) -> float:
    """Expected calibration error: mean |confidence - accuracy| over bins of confidence, weighted by bin size.

    Args:
        expression: (n,) class index.
        probabilities: (n, K).
        num_bins: bins of equal width, closed on the right.

    Source: Guo et al. 2017, equation 3.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.classification import ece
        >>> expression = np.array([0, 0, 0, 1])
        >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
        >>> round(float(ece(expression, probabilities)), 4)
        0.35
    """
    confidence = probabilities.max(axis=1)
    excess = confidence - (probabilities.argmax(axis=1) == expression)
    bins = np.clip(np.ceil(confidence * num_bins).astype(np.int64) - 1, 0, num_bins - 1)
    return float(_ratio(np.abs(np.bincount(bins, excess, minlength=num_bins)).sum(), len(expression)))


@of_matrix
def aff_wild2_score(matrix: np.ndarray) -> np.ndarray:
    """0.67 macro F1 + 0.33 accuracy, the likely "total evaluation metric" of Aff-Wild2.

    Source: Kollias et al. 2020, ABAW challenge, expression track; Antoniadis 2021 prints the name alone.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.classification import aff_wild2_score
        >>> expression = np.array([0, 0, 0, 1])
        >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
        >>> round(float(aff_wild2_score(expression, probabilities)), 4)
        0.7388
    """
    return 0.67 * _macro_f1(matrix) + 0.33 * _accuracy(matrix)


def per_class(expression: np.ndarray, probabilities: np.ndarray) -> dict[str, np.ndarray]:
    """Columns `num_samples, num_predicted, recall, precision, f1`, each (K,); a ratio with denominator 0 is NaN."""
    return per_class_from(confusion_matrix(expression, probabilities))


def per_class_from(matrix: np.ndarray) -> dict[str, np.ndarray]:
    """Compute the columns of `per_class`, (..., K) each, from confusion matrices (..., K, K)."""
    hits, samples, predicted = np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(axis=-1), matrix.sum(axis=-2)
    with np.errstate(invalid="ignore"):
        return {
            "num_samples": samples,
            "num_predicted": predicted,
            "recall": hits / samples,
            "precision": hits / predicted,
            "f1": 2 * hits / (samples + predicted),
        }


def _accuracy(matrix: np.ndarray) -> np.ndarray:
    return _ratio(np.trace(matrix, axis1=-2, axis2=-1), matrix.sum(axis=(-2, -1)))


def _macro_f1(matrix: np.ndarray) -> np.ndarray:
    f1 = per_class_from(matrix)["f1"]
    return np.where(matrix.any(axis=(-2, -1)), np.nan_to_num(f1).mean(axis=-1), np.nan)


def _mean_of_known(values: np.ndarray) -> np.ndarray:
    """(...) mean over the last axis of values (..., K) that are not NaN; NaN where all are.

    What is added, and in which order, does not depend on the other axes: equal rows have equal means to the last bit.
    """
    known = ~np.isnan(values)
    number = known.sum(axis=-1)
    found = np.full(number.shape, np.nan)
    for count in np.unique(number[number > 0]):
        rows = number == count
        found[rows] = values[rows][known[rows]].reshape(-1, count).mean(axis=-1)
    return found


def _ratio(part: np.ndarray | float, whole: np.ndarray | float) -> np.ndarray:
    """Elementwise, NaN where both are 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.true_divide(part, whole)


def rare_classes(classes: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """Return the classes with less than half of an equal share of the images.

    Args:
        classes: in order.
        counts: number of training images by class. An evaluated split may be balanced on purpose, as in AffectNet, and
            then does not show which classes are rare.
    """
    equal = sum(counts.get(name, 0) for name in classes) / len(classes)
    return [name for name in classes if counts.get(name, 0) < equal / 2]
