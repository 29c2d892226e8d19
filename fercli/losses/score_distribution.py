"""Learning the distribution of a score: distance of the predicted distribution to a Gaussian around the label."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from torch import Tensor, nn
from torch.nn import functional as F

from fercli.batch import Labels
from fercli.errors import ConfigError
from fercli.ops.pairwise import full_precision
from fercli.ops.score_distribution import require_levels, score_distribution


@runtime_checkable
class LearnsDistributions(Protocol):
    """A loss that learns a distribution over levels of the score from each label."""

    num_levels: int

    def target(self, score: Tensor) -> Tensor:
        """(B, num_levels) target distributions of labels (B,) in points."""
        ...


class ScoreKL(nn.Module):
    """Kullback-Leibler divergence from the softmax of the scores of levels to a Gaussian around the label.

    Summed over levels, mean over the batch; reads score_logits, score. The gradient of the logits is (q - p) / B, with
    the softmax q and the target p.

    Args:
        num_levels: that of the head; training scores must lie in [0, num_levels - 1].
        sigma: standard deviation of the target in points. Towards 0 the loss becomes `ScoreCrossEntropy`.

    Raises:
        ConfigError: sigma is not above 0, or the head has another number of levels.

    Source: Gao et al. 2017 (DLDL, arXiv 1611.01731). Part of the DJ-LDML-style reconstruction: the abstract of Zhou et
    al. 2020 names label distributions; their width is a choice of this project.
    """

    fits: Sequence[str] = ("score",)

    def __init__(self, num_levels: int = 64, sigma: float = 2.0):
        super().__init__()
        if not sigma > 0:
            raise ConfigError(
                f"expected sigma of the label distributions above 0, found {sigma}; "
                "for a target of one level, use loss score_cross_entropy"
            )
        self.num_levels = num_levels
        self.sigma = sigma

    def fit(self, labels: Labels) -> None:
        """Raise DataError if a training score lies outside the levels."""
        require_levels(labels.score, self.num_levels)

    def target(self, score: Tensor) -> Tensor:
        """(B, num_levels) target distributions of labels (B,) in points."""
        return score_distribution(score, self.num_levels, self.sigma)

    def forward(self, score_logits: Tensor, score: Tensor) -> Tensor:
        """Scalar loss of scores (B, num_levels) and labels (B,) in points."""
        same_levels(score_logits, self.num_levels)
        logits = full_precision(score_logits)
        target = self.target(score).to(logits.dtype)
        return F.kl_div(F.log_softmax(logits, dim=1), target, reduction="batchmean")


def same_levels(score_logits: Tensor, num_levels: int) -> None:
    """Raise ConfigError if scores (B, n) do not have this number of levels."""
    if score_logits.shape[1] != num_levels:
        raise ConfigError(
            f"the loss wants scores of {num_levels} levels, the head gives {score_logits.shape[1]}; "
            "make num_levels of head and loss the same"
        )
