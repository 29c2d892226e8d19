"""Metrics of one continuous dimension over a whole split: the true values (n,) and the predicted ones (n,)."""

import numpy as np
import torch

from fercli.ops import concordance


def ccc(true: np.ndarray, predicted: np.ndarray) -> float:
    """Concordance correlation coefficient in [-1, 1], moments with 1 / n; 0 for a constant prediction.

    Source: Lin 1989; Antoniadis 2021, section 5.2.2.
    """
    return float(concordance.ccc(torch.from_numpy(predicted), torch.from_numpy(true)))


def pcc(true: np.ndarray, predicted: np.ndarray) -> float:
    """Pearson correlation coefficient in [-1, 1]; 0 where either is constant."""
    return float(concordance.pcc(torch.from_numpy(predicted), torch.from_numpy(true)))


def rmse(true: np.ndarray, predicted: np.ndarray) -> float:
    """Root of the mean squared error, in the unit of the dimension."""
    return float(np.sqrt(np.mean((predicted - true) ** 2)))


def mae(true: np.ndarray, predicted: np.ndarray) -> float:
    """Mean absolute error, in the unit of the dimension."""
    return float(np.mean(np.abs(predicted - true)))


def sagr(true: np.ndarray, predicted: np.ndarray) -> float:
    """Sign agreement: share of samples predicted on the right side of 0, which is a side of its own, in [0, 1]."""
    return float(np.mean(np.sign(predicted) == np.sign(true)))
