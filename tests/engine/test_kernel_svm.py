"""The exact machine is that of scikit-learn; the approximated one comes close to it where both can be fitted."""

import numpy as np
import pytest
from sklearn.svm import SVC

from fercli.engine.kernel_svm import CHUNK, KernelSVM


def rings(num, seed, num_classes=3):
    """Classes that lie around each other: no linear machine tells them apart."""
    rng = np.random.default_rng(seed)
    targets = rng.integers(num_classes, size=num)
    points = rng.normal(size=(num, 2))
    points *= ((1 + targets) / np.linalg.norm(points, axis=1))[:, None]
    return (points + 0.1 * rng.normal(size=points.shape)).astype(np.float32), targets


@pytest.mark.parametrize("num_classes", [2, 3])
def test_few_rows_are_fitted_exactly(num_classes):
    inputs, targets = rings(200, 0, num_classes)
    found = KernelSVM(C=2.0, gamma=0.7).fit(inputs, targets)
    expected = SVC(C=2.0, gamma=0.7, break_ties=True).fit(inputs, targets)
    test, _ = rings(100, 1, num_classes)
    np.testing.assert_array_equal(found.decision_function(test), expected.decision_function(test))
    np.testing.assert_array_equal(found.predict(test), expected.predict(test))


@pytest.mark.parametrize("num_classes", [2, 3])
def test_many_rows_are_approximated_and_answer_nearly_the_same(num_classes):
    inputs, targets = rings(600, 0, num_classes)
    exact = KernelSVM().fit(inputs, targets)
    near = KernelSVM(max_exact_rows=599, num_landmarks=100).fit(inputs, targets)
    test, true = rings(400, 1, num_classes)
    assert near.form_ == "radial kernel approximated from 100 rows by Nystroem's method, squared hinge loss"
    assert (near.predict(test) == true).mean() > 0.97
    assert (near.predict(test) == exact.predict(test)).mean() > 0.97


def test_the_approximated_kernel_is_the_kernel_itself_with_every_row_as_landmark():
    inputs, targets = rings(120, 0)
    machine = KernelSVM(gamma=0.5, max_exact_rows=1, num_landmarks=120).fit(inputs, targets)
    mapped = machine._mapped(inputs)
    squared = ((inputs[:, None].astype(float) - inputs[None].astype(float)) ** 2).sum(-1)
    np.testing.assert_allclose(mapped @ mapped.T, np.exp(-0.5 * squared), atol=1e-5)


def test_automatic_gamma_is_one_over_the_width_in_both_forms():
    inputs, targets = rings(100, 0)
    for options in ({}, {"max_exact_rows": 50, "num_landmarks": 100}):
        auto, given = (KernelSVM(gamma=gamma, **options).fit(inputs, targets) for gamma in ("auto", 0.5))
        np.testing.assert_allclose(auto.decision_function(inputs), given.decision_function(inputs), atol=1e-3)


def test_gamma_is_the_same_option_in_both_forms():
    for options in ({}, {"max_exact_rows": 50}):
        with pytest.raises(ValueError, match="expected gamma as a number or auto; found scale"):
            KernelSVM(gamma="scale", **options).fit(*rings(100, 0))


def test_rows_are_mapped_in_parts(monkeypatch):
    inputs, targets = rings(100, 0)
    whole = KernelSVM(max_exact_rows=1, num_landmarks=30).fit(inputs, targets).decision_function(inputs)
    monkeypatch.setattr("fercli.engine.kernel_svm.CHUNK", 7)
    parts = KernelSVM(max_exact_rows=1, num_landmarks=30).fit(inputs, targets).decision_function(inputs)
    np.testing.assert_allclose(parts, whole, atol=1e-6)
    assert CHUNK > 7
