"""How well two series of numbers agree: one definition for losses and metrics."""

import torch
from torch import Tensor

from fercli.ops.pairwise import full_precision


def ccc(x: Tensor, y: Tensor, eps: float = 1e-8) -> Tensor:
    """Concordance correlation coefficient of two series (n,), in [-1, 1]; 0 where one of them is constant.

    All moments are divided by n. The released code of Emotion-GCN divides the variance by n - 1 and the covariance by
    n, which limits the coefficient to (n - 1) / n.

    Args:
        eps: added to the denominator, so that two equal constants give 0.

    Source: Lin 1989; Antoniadis 2021, chapter 5.

    Examples:
        >>> import torch
        >>> from fercli.ops.concordance import ccc
        >>> round(float(ccc(torch.tensor([0.0, 1.0, 2.0]), torch.tensor([1.0, 2.0, 3.0]))), 4)
        0.5714
    """
    x, y = full_precision(x), full_precision(y)
    variances = x.var(correction=0) + y.var(correction=0)
    return 2 * _covariance(x, y) / (variances + (x.mean() - y.mean()).square() + eps)


def pcc(x: Tensor, y: Tensor) -> Tensor:
    """Pearson correlation coefficient of two series (n,), in [-1, 1]; 0 where one of them is constant.

    Examples:
        >>> import torch
        >>> from fercli.ops.concordance import pcc
        >>> round(float(pcc(torch.tensor([0.0, 1.0, 2.0]), torch.tensor([1.0, 2.0, 3.0]))), 4)
        1.0
    """
    x, y = full_precision(x), full_precision(y)
    # Values are compared, because the deviations of a constant from its rounded mean need not be 0.
    constant = (x == x[:1]).all() | (y == y[:1]).all()
    return torch.where(constant, 0.0, _covariance(x, y) / (x.std(correction=0) * y.std(correction=0)))


def _covariance(x: Tensor, y: Tensor) -> Tensor:
    return ((x - x.mean()) * (y - y.mean())).mean()
