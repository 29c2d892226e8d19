from functools import partial

import numpy as np
import pytest
from sklearn.svm import SVC, LinearSVC

from fercli.config import compose, instantiate
from fercli.errors import DataError
from fercli.experiment.classifier import classify, read_out

BUILD = [partial(SVC, gamma="auto", break_ties=True), LinearSVC]


def clusters(classes, num_each=30, seed=0):
    rng = np.random.default_rng(seed)
    expression = np.repeat(classes, num_each)
    centers = np.random.default_rng(1).normal(size=(8, 5)) * 4
    return centers[expression] + rng.normal(size=(len(expression), 5)), expression


@pytest.mark.parametrize("build", BUILD)
@pytest.mark.parametrize("classes", [[0, 1], [0, 2, 5, 7]])
def test_the_most_probable_class_is_the_predicted_one(build, classes):
    features, expression = clusters(classes)
    judged, true = clusters(classes, seed=2)
    found = classify(build, features, expression, judged, num_classes=8)
    np.testing.assert_array_equal(found.argmax(1), build().fit(features, expression).predict(judged))
    np.testing.assert_allclose(found.sum(1), 1)
    assert (found.argmax(1) == true).mean() > 0.95
    assert (found[:, [k for k in range(8) if k not in classes]] == 0).all()


def test_unlabelled_rows_take_no_part():
    features, expression = clusters([0, 1])
    more = np.concatenate([features, features[:5] + 100]), np.append(expression, [-1] * 5)
    np.testing.assert_array_equal(
        classify(BUILD[0], *more, features, num_classes=2), classify(BUILD[0], features, expression, features, 2)
    )


@pytest.mark.parametrize("name", ["nearest_scores", "linear_scores"])
def test_scores_are_read_from_the_features(name):
    rng = np.random.default_rng(0)
    score = rng.integers(0, 45, 60).astype(float)
    angle = score / 45 + rng.normal(0, 0.01, 60)
    features = np.stack([np.cos(angle), np.sin(angle)], 1)
    train = {"feature": features[:40], "score": np.where(np.arange(40) < 5, np.nan, score[:40])}
    judged = {"feature": features[40:], "id": np.arange(20), "score_probabilities": np.ones((20, 64)) / 64}
    found = read_out(instantiate(compose("train", [f"classifier={name}"]).classifier), train, judged, num_classes=0)
    assert set(found) == {"feature", "id", "predicted_score"}
    assert np.abs(found["predicted_score"] - score[40:]).mean() < 3 < np.abs(score[40:] - score.mean()).mean()


def test_one_class_cannot_be_told_from_others():
    with pytest.raises(DataError, match="at least two classes"):
        classify(LinearSVC, np.zeros((3, 2)), np.array([1, 1, -1]), np.zeros((1, 2)), num_classes=2)
