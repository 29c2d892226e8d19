import numpy as np
import pytest
from sklearn.svm import SVC

from fercli.engine.classifier import Classifier
from fercli.engine.fitting import fit
from fercli.errors import ConfigError, DataError
from tests.labels import labels_of

SVM = Classifier("mine", {"_target_": "sklearn.svm.SVC", "_partial_": True, "gamma": "auto", "break_ties": True})


def clusters(classes, num_each=30, seed=0):
    rng = np.random.default_rng(seed)
    expression = np.repeat(classes, num_each)
    centers = np.random.default_rng(1).normal(size=(8, 5)) * 4
    return centers[expression] + rng.normal(size=(len(expression), 5)), expression


@pytest.mark.parametrize("classifier", [SVM, Classifier.named("svm"), Classifier.named("linear_svm")])
@pytest.mark.parametrize("classes", [[0, 1], [0, 2, 5, 7]])
def test_the_most_probable_class_is_the_predicted_one(classifier, classes):
    features, expression = clusters(classes)
    evaluated, true = clusters(classes, seed=2)
    fitted = fit(classifier, features, labels_of(expression))
    found = fitted.read_out({"feature": evaluated, "probabilities": np.zeros((1, 1))}, num_classes=8)["probabilities"]
    np.testing.assert_array_equal(found.argmax(1), fitted.model.predict(evaluated))
    np.testing.assert_allclose(found.sum(1), 1)
    assert (found.argmax(1) == true).mean() > 0.95
    assert (found[:, [k for k in range(8) if k not in classes]] == 0).all()


def test_it_is_the_machine_of_scikit_learn_on_the_labelled_rows():
    features, expression = clusters([0, 1])
    more = np.concatenate([features, features[:5] + 100])
    fitted = fit(SVM, more, labels_of(np.append(expression, [-1] * 5)))
    expected = SVC(gamma="auto", break_ties=True).fit(features, expression)
    np.testing.assert_array_equal(fitted.model.decision_function(features), expected.decision_function(features))
    assert fitted.num_rows == 60


@pytest.mark.parametrize("name", ["nearest_scores", "linear_scores"])
def test_scores_are_read_from_the_features(name):
    rng = np.random.default_rng(0)
    score = rng.integers(0, 45, 60).astype(float)
    angle = score / 45 + rng.normal(0, 0.01, 60)
    features = np.stack([np.cos(angle), np.sin(angle)], 1)
    known = np.where(np.arange(40) < 5, np.nan, score[:40])
    fitted = fit(Classifier.named(name), features[:40], labels_of(score=known))
    evaluated = {"feature": features[40:], "id": np.arange(20), "score_probabilities": np.ones((20, 64)) / 64}
    found = fitted.read_out(evaluated, num_classes=0)
    assert set(found) == {"feature", "id", "predicted_score"}
    assert np.abs(found["predicted_score"] - score[40:]).mean() < 3 < np.abs(score[40:] - score.mean()).mean()


def test_the_key_is_of_the_name_and_the_options():
    one, same, other = (Classifier.named("svm", changes) for changes in ([], ["C=1.0"], ["C=10"]))
    assert one.key == same.key != other.key
    assert one.key.startswith("svm_")
    assert other.options["C"] == 10


def test_what_was_fitted_is_said():
    facts = fit(SVM, *map_labels(*clusters([0, 1]))).facts
    assert facts["about"] == "mine (SVC) fitted to the features of 60 training samples"
    assert facts["options"]["gamma"] == "auto"
    exact = fit(Classifier.named("svm"), *map_labels(*clusters([0, 1])))
    many = fit(Classifier.named("svm", ["max_exact_rows=59", "num_landmarks=20"]), *map_labels(*clusters([0, 1])))
    assert "radial kernel, exact" in exact.facts["about"]
    assert "approximated from 20 rows" in many.facts["about"]


def map_labels(features, expression):
    return features, labels_of(expression)


@pytest.mark.parametrize(
    ("change", "message"),
    [("kernal=rbf", r"no option named 'classifier.kernal' in eval"), ("C", "cannot read the override")],
)
def test_options_that_do_not_exist_are_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        Classifier.named("svm", [change])


def test_options_that_the_classifier_refuses_are_one_message():
    with pytest.raises(ConfigError, match=r"the classifier svm refuses its options: .*'C' parameter"):
        fit(Classifier.named("svm", ["C=-1"]), *map_labels(*clusters([0, 1])))


def test_one_class_cannot_be_told_from_others():
    with pytest.raises(DataError, match="at least two classes"):
        fit(SVM, np.zeros((3, 2)), labels_of([1, 1, -1]))


def test_scores_are_needed_for_a_regressor():
    with pytest.raises(DataError, match="expected training samples with a score"):
        fit(Classifier.named("linear_scores"), np.zeros((3, 2)), labels_of([1, 1, -1]))
