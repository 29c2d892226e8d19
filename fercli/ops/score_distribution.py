"""Distributions over the levels 0, 1, ..., n - 1 of a score: targets around a label, and their mean."""

import numpy as np
import torch
from torch import Tensor

from fercli.errors import DataError
from fercli.ops.pairwise import full_precision


def score_distribution(score: Tensor, num_levels: int, sigma: float) -> Tensor:
    """(..., num_levels) Gaussian around each score, normalized over the levels; float32 or better.

    It is cut off at both ends. The mean of the Gaussian around a label near an end therefore lies further inside than
    the label.

    Args:
        score: (...) in [0, num_levels - 1].
        sigma: standard deviation in points, above 0.

    Source: Gao et al. 2017 (DLDL, arXiv 1611.01731).

    Examples:
        >>> import torch
        >>> from fercli.ops.score_distribution import score_distribution
        >>> score_distribution(torch.tensor([1.0]), num_levels=4, sigma=1.0).round(decimals=3)
        tensor([[0.2580, 0.4260, 0.2580, 0.0580]])
    """
    score = full_precision(score)
    level = torch.arange(num_levels, dtype=score.dtype, device=score.device)
    return torch.softmax(-((level - score[..., None]) / sigma).square() / 2, dim=-1)


def expectation(probabilities: Tensor) -> Tensor:
    """(...) mean level of distributions (..., num_levels): linear, so the mean over clips may be taken before or after.

    Source: Gao et al. 2018 (DLDL-v2).

    Examples:
        >>> import torch
        >>> from fercli.ops.score_distribution import expectation
        >>> expectation(torch.tensor([[0.0, 0.5, 0.5]]))
        tensor([1.5000])
    """
    level = torch.arange(probabilities.shape[-1], dtype=probabilities.dtype, device=probabilities.device)
    return (probabilities * level).sum(-1)


def require_levels(score: np.ndarray, num_levels: int, whole: bool = False) -> None:
    """Raise DataError if a known score lies outside of the levels or, with `whole`, between two levels.

    Args:
        score: (N,) points, NaN where unknown.
        num_levels: n; the levels are 0, 1, ..., n - 1.
        whole: every score must be a level.
    """
    known = score[~np.isnan(score)]
    outside = known[(known < 0) | (known > num_levels - 1)]
    if len(outside):
        raise DataError(
            f"expected scores in [0, {num_levels - 1}], found {outside[0]:g} in the training rows; "
            "make head.num_levels fit the scores, or check the reader"
        )
    between = known[known != np.round(known)]
    if whole and len(between):
        raise DataError(
            f"expected scores that are whole points, found {between[0]:g} in the training rows; "
            "use loss score_kl, which takes any number"
        )
