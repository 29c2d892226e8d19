"""A classifier of scikit-learn on the frozen features of a trained network, in place of the network's own scores."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import softmax

from fercli.errors import DataError


def classify(
    build: Callable[[], Any],
    features: np.ndarray,
    expression: np.ndarray,
    judged: np.ndarray,
    num_classes: int,
) -> np.ndarray:
    """(n, K) probabilities for `judged` of a classifier that is fitted to the training features.

    The most probable class is the one that the classifier predicts. The probabilities are the softmax of its scores:
    good for their order, not calibrated. A class that training lacks has probability 0.

    Args:
        build: gives a classifier with `fit`, `decision_function` and `classes_`.
        features: (N, dim) of the training rows, not augmented.
        expression: (N,) class index; unlabelled rows do not take part.
        judged: (n, dim) features.
        num_classes: K.

    Raises:
        DataError: the training rows are of one class.

    Source: Antoniadis 2021, section 4.4, with ThunderSVM in place of scikit-learn.
    """
    known = expression >= 0
    if len(np.unique(expression[known])) < 2:
        raise DataError("expected training rows of at least two classes to fit a classifier to their features")
    classifier = build().fit(features[known], expression[known])
    scores = classifier.decision_function(judged)
    if scores.ndim == 1:  # of two classes, scikit-learn gives the score of the second
        scores = np.stack([-scores, scores], axis=1) / 2
    probabilities = np.zeros((len(judged), num_classes))
    probabilities[:, classifier.classes_] = softmax(scores, axis=1)
    return probabilities
