"""Soft loss and logit loss: move class scores towards the class shares near a sample in valence and arousal."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fercli.batch import Labels
from fercli.errors import ConfigError
from fercli.ops.label_distribution import bin_index, label_distribution
from fercli.ops.pairwise import full_precision


def soft_loss(logits: Tensor, distribution: Tensor) -> Tensor:
    """Cross-entropy of the class probabilities with a target distribution, both (B, K); mean over the batch.

    Source: Antoniadis 2021, section 3.4.
    """
    logits = full_precision(logits)
    return F.cross_entropy(logits, distribution.to(logits.dtype))


def logit_loss(logits: Tensor, distribution: Tensor) -> Tensor:
    """Half the squared distance of the class probabilities to a target distribution, both (B, K); mean over the batch.

    Source: Antoniadis 2021, section 3.4. The name says scores, but the equation compares probabilities.
    """
    probabilities = full_precision(logits).softmax(1)
    return (probabilities - distribution.to(probabilities.dtype)).square().sum(1).mean() / 2


class AffectBinLoss(nn.Module):
    """A loss towards the distribution of the classes in the valence-arousal bin of a sample; reads logits, affect.

    The distributions are those of the training split. A bin without training rows gets the class shares of the whole
    split.

    Args:
        num_classes: K.
        num_bins: bins along each of the two axes.

    Raises:
        ConfigError: less than one bin.
    """

    fits: Sequence[str] = ("expression", "affect")
    distribution: Tensor

    def __init__(self, num_classes: int, num_bins: int):
        super().__init__()
        if num_bins < 1:
            raise ConfigError(f"expected num_bins of 1 or more, found {num_bins}")
        # NaN until `fit`, so that a loss that was never fitted is noticed.
        self.register_buffer("distribution", torch.full((num_bins, num_bins, num_classes), torch.nan))

    def fit(self, labels: Labels) -> None:
        """Count the classes in each bin."""
        num_bins, _, num_classes = self.distribution.shape
        self.distribution.copy_(label_distribution(labels.expression, labels.affect, num_classes, num_bins))

    def target(self, affect: Tensor) -> Tensor:
        """(B, K) distribution of the classes in the bin of each sample (B, 2)."""
        valence, arousal = bin_index(affect, len(self.distribution)).unbind(1)
        return self.distribution[valence, arousal]


class SoftLoss(AffectBinLoss):
    """`soft_loss` towards the distribution of the bin."""

    def forward(self, logits: Tensor, affect: Tensor) -> Tensor:
        """Scalar loss."""
        return soft_loss(logits, self.target(affect))


class LogitLoss(AffectBinLoss):
    """`logit_loss` towards the distribution of the bin."""

    def forward(self, logits: Tensor, affect: Tensor) -> Tensor:
        """Scalar loss."""
        return logit_loss(logits, self.target(affect))
