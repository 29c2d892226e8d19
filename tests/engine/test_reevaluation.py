from types import SimpleNamespace

import pytest

from fercli.engine import predict
from fercli.engine.classifier import Classifier
from fercli.engine.reevaluation import Reevaluation
from fercli.errors import FercliError
from fercli.screening.options import ScreeningOptions
from tests.engine.test_evaluation import copied, run, store_with

__all__ = ["copied", "run", "store_with"]  # fixtures


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"by": ["gendr"]}, "gendr"),
        ({"screening": ScreeningOptions((14,))}, "with --cutoff; found fewer"),
        ({"screening": ScreeningOptions(prevalence=0.1)}, "with --prevalence; found fewer"),
        ({"classifier": Classifier.named("nearest_scores")}, "with a score to fit nearest_scores to; found none"),
        ({"classifier": Classifier.named("linear_svm", ["C=-1"])}, "linear_svm refuses its options"),
        ({"classifier": Classifier.named("svm", ["gamma=high"])}, "expected gamma as a number or auto"),
        ({"only": ["fear"]}, "no class named 'fear'"),
        ({"split": "vall"}, "no rows in split 'vall'"),
        ({"device": "tpu"}, "tpu"),
    ],
)
def test_what_the_data_do_not_allow_is_refused_before_any_prediction(run, monkeypatch, wrong, message):
    monkeypatch.setattr(predict, "_predictions", lambda *_: pytest.fail("the network was asked"))
    with pytest.raises(FercliError, match=message):
        Reevaluation.prepared(run, **wrong)


def test_a_classifier_of_classes_is_tried_and_then_fitted_to_all_samples(copied):
    prepared = Reevaluation.prepared(copied, classifier=Classifier.named("linear_svm"))
    assert prepared.evaluate().result["classifier"]["about"].endswith("features of 90 training samples")


@pytest.mark.parametrize("key", ["diverged", "one_class"])
def test_a_failed_training_is_said_on_other_data_and_not_of_a_fitted_classifier(key):
    """On other data a sound network may predict one class, so these rows are not asked."""
    asked = SimpleNamespace(classifier=None, own=False, recorded={key: "told", "method": "dda"})
    assert Reevaluation._failed_training(asked, None) == {key: "told"}
    asked.classifier = object()
    assert Reevaluation._failed_training(asked, None) == {}
