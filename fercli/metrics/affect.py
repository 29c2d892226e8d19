"""Metrics of one continuous dimension over a whole split: the true values (n,) and the predicted ones (n,)."""

import numpy as np
import torch

from fercli.ops import concordance


def ccc(true: np.ndarray, predicted: np.ndarray) -> float:
    """Concordance correlation coefficient in [-1, 1], from moments with 1 / n; 0 for a constant prediction.

    Source: Lin 1989; Antoniadis 2021, section 5.2.2.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.affect import ccc
        >>> round(float(ccc(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.5, 0.4]))), 4)
        0.5263
    """
    return float(concordance.ccc(torch.from_numpy(predicted), torch.from_numpy(true)))


def pcc(true: np.ndarray, predicted: np.ndarray) -> float:
    """Pearson correlation coefficient in [-1, 1]; 0 where either is constant.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.affect import pcc
        >>> round(float(pcc(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.5, 0.4]))), 4)
        0.7559
    """
    return float(concordance.pcc(torch.from_numpy(predicted), torch.from_numpy(true)))


def rmse(true: np.ndarray, predicted: np.ndarray) -> float:
    """Root of the mean squared error, in the unit of the dimension.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.affect import rmse
        >>> round(float(rmse(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.5, 0.4]))), 4)
        0.3464
    """
    return float(np.sqrt(np.mean((predicted - true) ** 2)))


def mae(true: np.ndarray, predicted: np.ndarray) -> float:
    """Mean absolute error, in the unit of the dimension.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.affect import mae
        >>> round(float(mae(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.5, 0.4]))), 4)
        0.2
    """
    return float(np.mean(np.abs(predicted - true)))


def sagr(true: np.ndarray, predicted: np.ndarray) -> float:
    """Sign agreement in [0, 1]: share of samples with the right sign; 0 counts as a third sign.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.affect import sagr
        >>> float(sagr(np.array([-0.2, 0.5]), np.array([-0.4, -0.1])))
        0.5
    """
    return float(np.mean(np.sign(predicted) == np.sign(true)))
