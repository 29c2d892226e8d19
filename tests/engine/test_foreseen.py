import numpy as np
import pytest

from fercli.datasets.store import Store
from fercli.engine.build import build_data, build_method
from fercli.engine.classifier import Classifier
from fercli.engine.foreseen import foreseen_columns
from fercli.engine.predict import predict
from fercli.engine.run_options import run_options


@pytest.fixture
def built(config):
    cfg = config("augment.size=32", "head=linear", "inputs.context=false")
    data = build_data(cfg, Store(cfg.store))
    return cfg, data, build_method(cfg, data)[0]


def test_the_columns_are_those_of_the_predictions(built):
    """Labels are equal; predictions have the same names and widths."""
    cfg, data, method = built
    rows = data.split.evaluation[:5]
    foreseen = foreseen_columns(run_options(cfg).inputs, method, data.store, rows, len(data.store.classes))
    seen = predict(method, data, data.samples(rows))
    assert set(seen) <= set(foreseen)
    for name in ("id", "expression", "video"):
        np.testing.assert_array_equal(foreseen[name], seen[name])
    assert {name: foreseen[name].shape for name in seen} == {name: column.shape for name, column in seen.items()}


@pytest.mark.parametrize(("name", "column"), [("nearest_scores", "predicted_score"), ("svm", "probabilities")])
def test_a_classifier_adds_what_it_predicts(built, name, column):
    cfg, data, method = built
    rows = data.split.evaluation[:5]
    with_it = foreseen_columns(run_options(cfg).inputs, method, data.store, rows, 8, Classifier.named(name))
    without = foreseen_columns(run_options(cfg).inputs, method, data.store, rows, 8)
    assert {*with_it} == {*without, column}
