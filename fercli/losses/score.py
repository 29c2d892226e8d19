"""Losses of a severity score, taken as one number or as one class for each level."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from fercli.batch import Labels
from fercli.errors import ConfigError
from fercli.losses.score_distribution import same_levels
from fercli.ops.pairwise import full_precision
from fercli.ops.score_distribution import require_levels


class ScoreEuclidean(nn.Module):
    """Half the squared error of the score, mean over the batch; reads predicted_score, score.

    Args:
        label_scale: both scores are divided by this number of points; 63 brings those of the BDI-II into [0, 1]. Give
            the head the same label_scale if its output should be in this unit (`ScoreHead`).

    Raises:
        ConfigError: the scale is not above 0.

    Source: He, Chan and Wang 2021, equation 7; the introduction there calls it mean squared error.
    """

    def __init__(self, label_scale: float = 1.0):
        super().__init__()
        if not label_scale > 0:
            raise ConfigError(f"expected a label_scale above 0, found {label_scale}")
        self.label_scale = label_scale

    def forward(self, predicted_score: Tensor, score: Tensor) -> Tensor:
        """Scalar loss of (B,) and (B,) in points."""
        error = full_precision(predicted_score) - full_precision(score)
        return (error / self.label_scale).square().mean() / 2


class ScoreCrossEntropy(nn.Module):
    """Cross-entropy with the level of the score as the class; reads score_logits, score.

    Args:
        num_levels: that of the head; training scores must be whole numbers in [0, num_levels - 1].

    Raises:
        ConfigError: the head has another number of levels.
    """

    fits: Sequence[str] = ("score",)

    def __init__(self, num_levels: int = 64):
        super().__init__()
        self.num_levels = num_levels

    def fit(self, labels: Labels) -> None:
        """Raise DataError if a training score is not one of the levels."""
        require_levels(labels.score, self.num_levels, whole=True)

    def forward(self, score_logits: Tensor, score: Tensor) -> Tensor:
        """Scalar loss of scores (B, num_levels) and labels (B,) in points."""
        same_levels(score_logits, self.num_levels)
        return F.cross_entropy(full_precision(score_logits), score.long())
