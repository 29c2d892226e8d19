"""The pair of numbers worked out by hand in the specification, and torchmetrics as a second opinion."""

import numpy as np
import pytest
import torch
from torchmetrics.functional import pearson_corrcoef

from fercli.metrics.affect import ccc, mae, pcc, rmse, sagr

PREDICTED = np.array([0.1, 0.4, -0.2, 0.3])
TRUE = np.array([0.0, 0.5, -0.3, 0.6])


@pytest.mark.parametrize(
    ("metric", "value"),
    [(ccc, 0.8421052632), (pcc, 0.9502621935), (rmse, 0.1732050808), (mae, 0.15), (sagr, 0.75)],
)
def test_values(metric, value):
    assert metric(TRUE, PREDICTED) == pytest.approx(value, abs=1e-7)


def test_moments_are_divided_by_n_throughout():
    x = np.array([1.0, 2, 3, 4])
    assert ccc(x + 1, x) == pytest.approx(5 / 7, abs=1e-7)  # not 0.769 (n - 1) nor 0.577 (a mixture)
    assert ccc(x, x) == pytest.approx(1, abs=1e-7)


def test_a_constant_prediction_has_no_concordance():
    assert ccc(TRUE, np.full(4, 0.2)) == 0


def test_correlation_agrees_with_torchmetrics():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 100))
    assert pcc(x, y) == pytest.approx(pearson_corrcoef(torch.from_numpy(x), torch.from_numpy(y)).item(), rel=1e-9)
