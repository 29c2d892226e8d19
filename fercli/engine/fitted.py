"""A classifier or regressor of scikit-learn that was fitted to the features of a finished run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import softmax
from sklearn.base import is_regressor

from fercli.engine.classifier import Classifier

TRIED = 20  # samples of each class, or with a score, that a trial fit uses


@dataclass(frozen=True)
class Fitted:
    """A classifier or regressor after its fit.

    Attributes:
        model: estimator of scikit-learn.
        num_rows: number of training samples that it was fitted to.
        seconds: time of the fit.
    """

    classifier: Classifier
    model: Any
    num_rows: int
    seconds: float

    @property
    def facts(self) -> dict[str, Any]:
        """Facts for `metrics.json`. `about` names the form that was fitted, if the classifier has several."""
        form = getattr(self.model, "form_", type(self.model).__name__)
        about = f"{self.classifier.name} ({form}) fitted to the features of {self.num_rows:,} training samples"
        facts = {"name": self.classifier.name, "key": self.classifier.key, "about": about}
        return facts | {"seconds": self.seconds, "options": dict(self.classifier.options)}

    def read_out(self, columns: Mapping[str, np.ndarray], num_classes: int) -> dict[str, np.ndarray]:
        """Return the columns with the model's predictions: `probabilities` (n, K) or `predicted_score` (n,).

        The most probable class is the one that the model predicts. The probabilities are the softmax of its scores:
        their order is meaningful, but they are not calibrated. A class without training samples has probability 0.
        """
        if is_regressor(self.model):
            kept = {name: column for name, column in columns.items() if name != "score_probabilities"}
            return kept | {"predicted_score": np.asarray(self.model.predict(columns["feature"]), dtype=float)}
        scores = self.model.decision_function(columns["feature"])
        if scores.ndim == 1:  # of two classes, scikit-learn gives the score of the second
            scores = np.stack([-scores, scores], axis=1) / 2
        probabilities = np.zeros((len(scores), num_classes))
        probabilities[:, self.model.classes_] = softmax(scores, axis=1)
        return {**columns, "probabilities": probabilities}
