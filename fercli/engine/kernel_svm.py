"""A support vector machine with a radial kernel that needs minutes, not days, for many rows."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.kernel_approximation import Nystroem
from sklearn.svm import SVC, LinearSVC

CHUNK = 8192  # rows per step of the kernel's computation


class KernelSVM(ClassifierMixin, BaseEstimator):
    """A support vector machine with the kernel exp(-gamma |x - y|^2): exact for few rows, approximated for many.

    The time of the exact fit grows at least with the square of the number of rows. For more than `max_exact_rows` rows,
    the kernel is approximated from `num_landmarks` rows, drawn at random. A linear machine with squared hinge loss is
    then fitted, one class against the others. It needs 24 bytes of memory per row and landmark.

    Attributes:
        classes_: (K,) the targets that occur, ascending.
        form_: description of the form that was fitted, exact or approximated.

    Args:
        C: cost of a sample on the wrong side; above 0.
        gamma: coefficient of the kernel; `auto` is 1 / dim of the features.
        max_exact_rows: with more rows, the kernel is approximated.
        num_landmarks: rows that the approximation uses.

    Source: Cortes and Vapnik 1995; Williams and Seeger 2001 for the approximation (Nystroem's method).
    """

    def __init__(
        self,
        C: float = 1.0,  # noqa: N803 (as scikit-learn and the field call it)
        gamma: float | str = "auto",
        max_exact_rows: int = 12500,
        num_landmarks: int = 1000,
    ):
        self.C = C
        self.gamma = gamma
        self.max_exact_rows = max_exact_rows
        self.num_landmarks = num_landmarks

    def fit(self, inputs: np.ndarray, targets: np.ndarray) -> "KernelSVM":
        """Fit to (N, dim) features and (N,) classes.

        Raises:
            ValueError: an option is not what it must be.
        """
        if isinstance(self.gamma, str) and self.gamma != "auto":
            raise ValueError(f"expected gamma as a number or auto; found {self.gamma}")
        gamma = 1 / inputs.shape[1] if self.gamma == "auto" else self.gamma
        self.landmarks_: Any = None
        if len(inputs) <= self.max_exact_rows:
            # break_ties: the predicted class is the one with the highest score.
            self.machine_ = SVC(C=self.C, kernel="rbf", gamma=gamma, break_ties=True)
            self.machine_.fit(inputs, targets)
            self.form_ = "radial kernel, exact"
        else:
            drawn = np.random.default_rng(0).permutation(len(inputs))[: self.num_landmarks]
            self.landmarks_ = Nystroem(gamma=gamma, n_components=len(drawn)).fit(_double(inputs[drawn]))
            self.machine_ = LinearSVC(C=self.C, dual=False).fit(self._mapped(inputs), targets)
            self.form_ = f"radial kernel approximated from {len(drawn):,} rows by Nystroem's method, squared hinge loss"
        self.classes_ = self.machine_.classes_
        return self

    def decision_function(self, inputs: np.ndarray) -> np.ndarray:
        """Return (n, K) scores, the highest for the predicted class; with two classes, (n,) scores of the second."""
        if self.landmarks_ is None:
            return np.asarray(self.machine_.decision_function(inputs))
        return np.concatenate(
            [self.machine_.decision_function(self._mapped(inputs[rows])) for rows in _chunks(len(inputs))]
        )

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """Return the (n,) predicted classes."""
        scores = self.decision_function(inputs)
        return np.asarray(self.classes_[(scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)])

    def _mapped(self, inputs: np.ndarray) -> np.ndarray:
        """Return (N, num_landmarks) float64, filled in chunks: scikit-learn alone would hold several copies."""
        mapped = np.empty((len(inputs), len(self.landmarks_.components_)))
        for rows in _chunks(len(inputs)):
            mapped[rows] = self.landmarks_.transform(_double(inputs[rows]))
        return mapped


def _double(inputs: np.ndarray) -> np.ndarray:
    """Return float64. In float32, small eigenvalues of the kernel are noise, and the approximation divides by them."""
    return inputs.astype(np.float64)


def _chunks(number: int) -> Iterator[slice]:
    return (slice(start, start + CHUNK) for start in range(0, number, CHUNK))
