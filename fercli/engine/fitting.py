"""Fit a classifier or regressor to a finished run, and check that it can be fitted."""

import time
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import is_regressor

from fercli.batch import Labels
from fercli.config import instantiate
from fercli.datasets.datamodule import FaceData
from fercli.engine.classifier import Classifier
from fercli.engine.fitted import TRIED, Fitted
from fercli.engine.predict import Progress, features
from fercli.errors import ConfigError, DataError
from fercli.methods.base import Method
from fercli.own_code import raised_by_own_code


def fit_to_run(
    classifier: Classifier, method: Method, data: FaceData, progress: Progress = lambda done, total: None
) -> Fitted:
    """Fit a classifier to the features of the rows that a run was trained on, not augmented.

    Args:
        method: the method with the weights of the run.
        data: the data of the run.
        progress: reports the computation of the features.

    Raises:
        ConfigError, DataError: as in `fit`.

    Source: Antoniadis 2021, section 5.5: an SVM on the features of the trained network, by ThunderSVM.
    """
    rows = data.split.train
    return fit(classifier, features(method, data, data.samples(rows), progress), data.training_labels())


def fit(classifier: Classifier, inputs: np.ndarray, labels: Labels) -> Fitted:
    """Fit to the samples that carry the label: a score for a regressor, an expression for a classifier.

    Args:
        inputs: (N, dim) features.
        labels: labels of the same N samples.

    Raises:
        ConfigError: the classifier refuses its options.
        DataError: no sample carries a score (regressor), or there are fewer than two classes (classifier).
    """
    model, targets, known = _unfitted(classifier, labels)
    if not known.all():  # indexing copies the array: avoid it if all samples are known
        inputs, targets = inputs[known], targets[known]
    begin = time.monotonic()
    try:
        model.fit(inputs, targets)
    except (TypeError, ValueError) as error:
        if raised_by_own_code(error):
            raise
        raise ConfigError(f"the classifier {classifier.name} refuses its options: {error}") from error
    return Fitted(classifier, model, len(targets), time.monotonic() - begin)


def require_fit(classifier: Classifier, labels: Labels, dim: int) -> None:
    """Make sure that a classifier can be fitted, before the features are computed.

    Options of scikit-learn are refused only by a fit, so there is one to random features of a few samples.

    Args:
        labels: of the training samples.
        dim: width of the features.

    Raises:
        ConfigError, DataError: as in `fit`.
    """
    model, targets, known = _unfitted(classifier, labels)
    groups = [np.flatnonzero(known)] if is_regressor(model) else [
        np.flatnonzero(targets == one) for one in np.unique(targets[known])
    ]  # fmt: skip
    few = np.concatenate([group[:TRIED] for group in groups])
    inputs = np.random.default_rng(0).standard_normal((len(few), dim)).astype(np.float32)
    chosen = {"score" if is_regressor(model) else "expression": targets[few]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a fit that is thrown away
        fit(classifier, inputs, replace(labels, **chosen))


def is_of_scores(classifier: Classifier) -> bool:
    """Return whether it predicts scores; else it predicts classes."""
    return bool(is_regressor(instantiate(classifier.options)()))


def _unfitted(classifier: Classifier, labels: Labels) -> tuple[Any, np.ndarray, np.ndarray]:
    """Return the model, the target of each sample, and which of them are known, (N,) bool."""
    model = instantiate(classifier.options)()
    targets = labels.score if is_regressor(model) else labels.expression
    known = ~np.isnan(targets) if is_regressor(model) else targets >= 0
    if is_regressor(model) and not known.any():
        raise DataError(f"expected training samples with a score to fit {classifier.name} to; found none")
    if not is_regressor(model) and len(np.unique(targets[known])) < 2:
        raise DataError(f"expected training samples of at least two classes to fit {classifier.name} to; found fewer")
    return model, targets, known
