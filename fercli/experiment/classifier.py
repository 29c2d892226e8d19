"""A classifier or regressor of scikit-learn on the frozen features of a network, in place of its own answers."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import softmax
from sklearn.base import is_regressor

from fercli.errors import DataError


def read_out(
    build: Callable[[], Any], train: Mapping[str, np.ndarray], judged: Mapping[str, np.ndarray], num_classes: int
) -> dict[str, np.ndarray]:
    """The columns of the judged rows, with `probabilities` of a classifier or `predicted_score` of a regressor.

    Args:
        build: gives a model with `fit`.
        train: columns `feature` and `expression` or `score` of the training rows.
        judged: columns of the judged rows.
        num_classes: K.
    """
    if is_regressor(build()):
        scores = regress(build, train["feature"], train["score"], judged["feature"])
        return {name: column for name, column in judged.items() if name != "score_probabilities"} | {
            "predicted_score": scores
        }
    found = classify(build, train["feature"], train["expression"], judged["feature"], num_classes)
    return {**judged, "probabilities": found}


def regress(build: Callable[[], Any], features: np.ndarray, score: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """(n,) scores for `judged` of a regressor that is fitted to the training features.

    Args:
        build: gives a regressor.
        features: (N, dim) of the training rows, not augmented.
        score: (N,) BDI-II points; rows without one do not take part.
        judged: (n, dim) features.
    """
    known = ~np.isnan(score)
    return np.asarray(build().fit(features[known], score[known]).predict(judged), dtype=float)


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
