"""Every classifier of `conf/classifier` is fitted to features."""

import numpy as np
import pytest

from fercli.catalog import choices
from fercli.engine.classifier import Classifier
from fercli.engine.fitting import fit
from tests.labels import labels_of


@pytest.mark.parametrize("name", choices("classifier"))
def test_every_classifier_is_fitted_to_features(name):
    rng = np.random.default_rng(0)
    expression, score = rng.integers(3, size=40), rng.uniform(0, 40, 40)
    labels = labels_of(expression, score=score)
    fitted = fit(Classifier.named(name), rng.normal(size=(40, 8)).astype(np.float32), labels)
    found = fitted.read_out({"feature": rng.normal(size=(5, 8))}, num_classes=3)
    (answers,) = (found[key] for key in ("probabilities", "predicted_score") if key in found)
    assert len(answers) == 5
    assert np.isfinite(answers).all()
