import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from fercli.metrics.affectnet import cohen_kappa, mean_auc, mean_auc_pr
from fercli.metrics.counts import from_counts

CASE = {"num_rows": st.integers(2, 60), "num_classes": st.integers(2, 8), "decimals": st.sampled_from([1, 6])}


def draw(num_rows, num_classes, decimals):
    """Labels and probabilities; with one decimal, many probabilities are equal."""
    rng = np.random.default_rng([num_rows, num_classes])
    return rng.integers(0, num_classes, num_rows), rng.dirichlet(np.ones(num_classes), num_rows).round(decimals)


def over_classes(score, y, p):
    """The mean of a score over the classes that some but not all rows show."""
    found = [score(y == k, p[:, k]) for k in range(p.shape[1]) if 0 < (y == k).sum() < len(y)]
    return np.mean(found) if found else np.nan


@pytest.mark.slow
@given(**CASE)
def test_scikit_learn_agrees(num_rows, num_classes, decimals):
    y, p = draw(num_rows, num_classes, decimals)
    areas = over_classes(sklearn.metrics.roc_auc_score, y, p)
    precisions = over_classes(sklearn.metrics.average_precision_score, y, p)
    assert mean_auc(y, p) == pytest.approx(areas, rel=1e-9, nan_ok=True)
    assert mean_auc_pr(y, p) == pytest.approx(precisions, rel=1e-9, nan_ok=True)
    if len({*y, *p.argmax(1)}) > 1:
        kappa = sklearn.metrics.cohen_kappa_score(y, p.argmax(1))
        assert cohen_kappa(y, p) == pytest.approx(kappa, rel=1e-9, abs=1e-12)


def test_kappa_of_many_matrices_is_that_of_each():
    matrices = np.random.default_rng(0).integers(0, 9, (5, 3, 3))
    kappa = from_counts(cohen_kappa)
    np.testing.assert_array_equal(kappa(matrices), [kappa(matrix) for matrix in matrices])


def test_a_perfect_classifier_has_1_and_one_that_knows_nothing_has_chance():
    y = np.arange(40) % 4
    assert [metric(y, np.eye(4)[y]) for metric in (cohen_kappa, mean_auc, mean_auc_pr)] == [1, 1, 1]
    p = np.full((40, 4), 0.25)
    assert [metric(y, p) for metric in (cohen_kappa, mean_auc, mean_auc_pr)] == [0, 0.5, 0.25]


@pytest.mark.parametrize("metric", [cohen_kappa, mean_auc, mean_auc_pr])
@pytest.mark.parametrize("num_rows", [0, 3])
def test_with_rows_of_one_class_alone_it_is_not_defined(metric, num_rows):
    assert np.isnan(metric(np.zeros(num_rows, dtype=np.int64), np.tile([0.9, 0.1], (num_rows, 1))))
