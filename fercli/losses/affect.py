"""Regression of valence and arousal."""

from torch import Tensor, nn

from fercli.ops.concordance import ccc
from fercli.ops.pairwise import full_precision


class AffectMSE(nn.Module):
    """Half the squared error, summed over valence and arousal, mean over the batch; reads predicted_affect, affect.

    Source: Antoniadis 2021, chapter 5.
    """

    def forward(self, predicted_affect: Tensor, affect: Tensor) -> Tensor:
        """Scalar loss of (B, 2) and (B, 2)."""
        return (full_precision(predicted_affect) - full_precision(affect)).square().sum(1).mean() / 2


class CCCLoss(nn.Module):
    """One minus the mean concordance of valence and of arousal; reads predicted_affect, affect.

    In [0, 2]. In a batch of one sample the concordance is 0: the loss is 1 and its gradient is 0.

    Source: Antoniadis 2021, chapter 5; the moments as in `fercli.ops.concordance.ccc`.
    """

    def forward(self, predicted_affect: Tensor, affect: Tensor) -> Tensor:
        """Scalar loss of (B, 2) and (B, 2)."""
        return 1 - (ccc(predicted_affect[:, 0], affect[:, 0]) + ccc(predicted_affect[:, 1], affect[:, 1])) / 2
