import math

import numpy as np
import pytest
import sklearn.metrics
import torch
import torchmetrics.functional.classification as reference
from hypothesis import given
from hypothesis import strategies as st

from fercli.metrics.classification import (
    accuracy,
    aff_wild2_score,
    confusion_matrix,
    ece,
    macro_f1,
    mcc,
    mean_class_accuracy,
    per_class,
    rare_classes,
    recall_of,
    weighted_f1,
)

METRICS = (accuracy, mean_class_accuracy, macro_f1, weighted_f1, mcc, ece)
CASE = {"num_rows": st.integers(1, 40), "num_classes": st.integers(2, 5), "seed": st.integers(0, 999)}


def draw(num_rows, num_classes, seed):
    rng = np.random.default_rng(seed)
    return rng.integers(num_classes, size=num_rows), rng.dirichlet(np.ones(num_classes), num_rows)


def columns(matrix):
    """Labels and certain predictions that give this confusion matrix."""
    cells = [(true, predicted) for (true, predicted), count in np.ndenumerate(matrix) for _ in range(count)]
    true, predicted = np.array(cells).T
    return true, np.eye(len(matrix))[predicted]


def test_three_classes():
    matrix = np.array([[8, 1, 1], [2, 5, 3], [0, 0, 4]])
    case = columns(matrix)
    assert confusion_matrix(*case).tolist() == matrix.tolist()
    assert accuracy(*case) == pytest.approx(0.708333333333, rel=1e-9)
    assert mean_class_accuracy(*case) == pytest.approx(0.766666666667, rel=1e-9)
    assert macro_f1(*case) == pytest.approx(0.697222222222, rel=1e-9)
    assert mcc(*case) == pytest.approx(0.587095265748, rel=1e-9)
    assert per_class(*case)["recall"].tolist() == [0.8, 0.5, 1.0]
    assert per_class(*case)["precision"].tolist() == [0.8, 5 / 6, 0.5]
    assert per_class(*case)["num_samples"].tolist() == [10, 10, 4]
    assert per_class(*case)["num_predicted"].tolist() == [10, 6, 8]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([680, 1185, 478, 329, 162, 74, 160], 0.386245110821), ([500] * 7, 1 / 7)],
    ids=["RAF-DB", "AffectNet"],
)
def test_who_always_says_happy(counts, expected):
    expression = np.repeat(np.arange(7), counts)
    probabilities = np.tile(np.eye(7)[1], (len(expression), 1))
    assert accuracy(expression, probabilities) == pytest.approx(expected, rel=1e-9)
    assert mean_class_accuracy(expression, probabilities) == pytest.approx(1 / 7, rel=1e-9)
    assert mcc(expression, probabilities) == 0


@pytest.mark.slow
@given(**CASE)
@pytest.mark.filterwarnings("ignore:A single label was found")
def test_scikit_learn_agrees(num_rows, num_classes, seed):
    y, p = draw(num_rows, num_classes, seed)
    predicted = p.argmax(1)
    assert accuracy(y, p) == pytest.approx(sklearn.metrics.accuracy_score(y, predicted), rel=1e-9)
    assert mean_class_accuracy(y, p) == pytest.approx(
        sklearn.metrics.recall_score(y, predicted, labels=np.unique(y), average="macro", zero_division=0), rel=1e-9
    )
    of_all = {"labels": range(num_classes), "zero_division": 0}
    assert macro_f1(y, p) == pytest.approx(sklearn.metrics.f1_score(y, predicted, average="macro", **of_all), rel=1e-9)
    assert weighted_f1(y, p) == pytest.approx(sklearn.metrics.f1_score(y, predicted, average="weighted"), rel=1e-9)
    assert mcc(y, p) == pytest.approx(sklearn.metrics.matthews_corrcoef(y, predicted), rel=1e-9, abs=1e-12)


@given(**CASE)
def test_torchmetrics_agrees(num_rows, num_classes, seed):
    y, p = draw(num_rows, num_classes, seed)
    case = torch.from_numpy(p), torch.from_numpy(y)
    expected = reference.multiclass_calibration_error(*case, num_classes, n_bins=15)
    assert ece(y, p) == pytest.approx(expected.item(), abs=1e-6)  # torchmetrics works in float32
    assert confusion_matrix(y, p).tolist() == reference.multiclass_confusion_matrix(*case, num_classes).tolist()


@given(**CASE)
def test_loops_agree(num_rows, num_classes, seed):
    y, p = draw(num_rows, num_classes, seed)
    error = 0.0
    for b in range(15):
        members = [i for i in range(num_rows) if b / 15 < max(p[i]) <= (b + 1) / 15]
        hits = sum(int(np.argmax(p[i]) == y[i]) for i in members)
        error += abs(sum(max(p[i]) for i in members) - hits) / num_rows
    assert ece(y, p) == pytest.approx(error, rel=1e-9)


def test_certain_and_right_is_calibrated_certain_and_wrong_is_not():
    y = np.array([0, 1, 2])
    assert ece(y, np.eye(3)) == 0
    assert ece(y, np.eye(3)[[1, 2, 0]]) == 1


@given(**CASE)
def test_the_order_of_rows_changes_nothing(num_rows, num_classes, seed):
    y, p = draw(num_rows, num_classes, seed)
    order = np.random.default_rng(seed).permutation(num_rows)
    for metric in METRICS:
        assert metric(y[order], p[order]) == pytest.approx(metric(y, p), rel=1e-12)


def test_a_class_without_samples_is_left_out_of_the_mean_recall_and_counts_as_0_in_f1():
    y, p = np.array([0, 0, 1, 1]), np.eye(3)[[0, 0, 1, 2]]
    assert mean_class_accuracy(y, p) == 0.75
    assert np.isnan(per_class(y, p)["recall"]).tolist() == [False, False, True]
    assert macro_f1(y, p) == pytest.approx((1 + 2 / 3 + 0) / 3)  # class 2 was predicted, in vain
    assert macro_f1(y, np.eye(3)[[0, 0, 1, 1]]) == pytest.approx(2 / 3)  # F1 is 0 where it is undefined
    assert weighted_f1(y, np.eye(3)[[0, 0, 1, 1]]) == 1


@pytest.mark.parametrize("metric", METRICS)
def test_without_rows_it_is_not_a_number(metric):
    assert math.isnan(metric(np.empty(0, dtype=np.int64), np.empty((0, 3))))


def test_the_score_of_aff_wild2():
    case = columns(np.array([[3, 1, 0], [1, 2, 1], [0, 0, 2]]))
    assert accuracy(*case) == pytest.approx(0.7)
    assert mean_class_accuracy(*case) == pytest.approx(0.75)
    assert per_class(*case)["f1"] == pytest.approx([0.75, 0.5714285714, 0.8], rel=1e-9)
    assert macro_f1(*case) == pytest.approx(0.7071428571, rel=1e-9)
    assert weighted_f1(*case) == pytest.approx(0.6885714286, rel=1e-9)
    assert aff_wild2_score(*case) == pytest.approx(0.7047857143, rel=1e-9)


@pytest.mark.parametrize(
    ("names", "value"), [(["fear"], 0.8), (["anger", "fear"], 0.9), (["contempt", "anger"], 1.0), (["disgust"], 0.5)]
)
def test_recall_of_some_classes(names, value):
    case = columns(np.array([[8, 1, 1], [2, 5, 3], [0, 0, 4]]))
    assert recall_of(*case, names, ["fear", "disgust", "anger"]) == pytest.approx(value)
    assert math.isnan(recall_of(*case, ["sadness"], ["fear", "disgust", "anger"]))


def test_a_class_with_less_than_half_an_equal_share_is_rare():
    counts = {"neutral": 80, "fear": 15, "disgust": 14, "anger": 7}  # an equal share: 29
    assert rare_classes(("neutral", "fear", "disgust", "anger"), counts) == ["disgust", "anger"]
    assert rare_classes(("fear", "contempt"), {"fear": 3}) == ["contempt"]
    assert rare_classes(("fear", "anger"), {"fear": 3, "anger": 3}) == []
