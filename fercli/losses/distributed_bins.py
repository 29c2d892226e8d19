"""Distributed loss: raises the probability of the two bins between which a depression score lies."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor, nn

from fercli.batch import Labels
from fercli.errors import ConfigError, DataError
from fercli.ops.pairwise import full_precision


def distributed_loss(score_logits: Tensor, score: Tensor, interpolate: bool = False) -> Tensor:
    """-log s_y - log s_y+1 with the softmax s of the scores of the bins, mean over the batch.

    The minimum is 2 ln 2, where both are 1/2. With as many bins as labels, the last label has no bin above it, so its
    own bin counts twice.

    Args:
        score_logits: (B, num_bins).
        score: (B,) whole points in [0, num_bins - 1]; with `interpolate`, any number in this range.
        interpolate: weigh the bins below and above a label t by floor(t) + 1 - t and t - floor(t) instead of by 1.

    Source: Lin 2021, equation 3.8; `interpolate` is an addition.
    """
    log_probability = full_precision(score_logits).log_softmax(1)
    lower = score.floor().long()
    upper = (lower + 1).clamp(max=score_logits.shape[1] - 1)
    above = (score - lower).to(log_probability.dtype)
    first, second = (log_probability.gather(1, index[:, None])[:, 0] for index in (lower, upper))
    return -((1 - above) * first + above * second if interpolate else first + second).mean()


class DistributedLoss(nn.Module):
    """`distributed_loss`; reads score_logits, score.

    Args:
        max_score: that of the head; training labels must lie in [0, max_score].
        interpolate: as in `distributed_loss`; labels may then lie between whole points.

    Raises:
        ConfigError: the head has another number of bins.
    """

    fits: Sequence[str] = ("score",)

    def __init__(self, max_score: int = 45, interpolate: bool = False):
        super().__init__()
        self.max_score = max_score
        self.interpolate = interpolate

    def fit(self, labels: Labels) -> None:
        """Raise DataError if a training label fits no bin."""
        known = labels.score[~np.isnan(labels.score)]
        outside = known[(known < 0) | (known > self.max_score)]
        if len(outside):
            raise DataError(
                f"expected scores in [0, {self.max_score}], found {outside[0]:g} in the training rows; "
                "make head.max_score fit the scores, or check the reader"
            )
        between = known[known != np.round(known)]
        if len(between) and not self.interpolate:
            raise DataError(
                f"expected scores that are whole points, found {between[0]:g} in the training rows; "
                "set loss.distributed_bins.interpolate=true head.bin_offset=0"
            )

    def forward(self, score_logits: Tensor, score: Tensor) -> Tensor:
        """Scalar loss of (B, max_score + 1 or + 2) and (B,)."""
        if score_logits.shape[1] - self.max_score not in (1, 2):
            raise ConfigError(
                f"expected {self.max_score + 1} or {self.max_score + 2} bins for scores up to {self.max_score}, "
                f"found {score_logits.shape[1]}; use head=depression_bins"
            )
        return distributed_loss(score_logits, score, self.interpolate)
