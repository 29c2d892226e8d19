"""Classification of the sectors of the valence-arousal plane, or of its two halves by a single score."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fercli.batch import Labels
from fercli.errors import ConfigError
from fercli.losses.classification import FocalLoss, class_weights, weighted_cross_entropy
from fercli.ops.pairwise import full_precision
from fercli.ops.sectors import sector


class SectorCrossEntropy(nn.Module):
    """Cross-entropy of the sector in which a sample lies; reads sector_logits, affect.

    Args:
        num_sectors: as in `fercli.ops.sectors.sector`.
        weighted: weight each sector by (training samples of the smallest sector) / (training samples of this sector),
            and divide by the sum of the weights of the batch. The text of the source says cross-entropy, its table 5.2
            says weighted.

    Raises:
        ConfigError: less than two sectors, or another number of scores.
    """

    weight: Tensor

    def __init__(self, num_sectors: int, weighted: bool = True):
        super().__init__()
        _check(num_sectors)
        self.fits: Sequence[str] = ("affect",) if weighted else ()
        # NaN until `fit`, so that a loss that was never fitted is noticed.
        self.register_buffer("weight", torch.full((num_sectors,), torch.nan if weighted else 1.0))

    def fit(self, labels: Labels) -> None:
        """Compute the weights of the sectors from their counts."""
        if not self.fits:
            return
        affect = torch.as_tensor(labels.affect)
        index = sector(affect[~affect.isnan().any(1)], len(self.weight))
        self.weight.copy_(class_weights(torch.bincount(index, minlength=len(self.weight))))

    def forward(self, sector_logits: Tensor, affect: Tensor) -> Tensor:
        """Scalar loss of scores (B, num_sectors) and (B, 2)."""
        _same_number(sector_logits, len(self.weight))
        return weighted_cross_entropy(sector_logits, sector(affect, len(self.weight)), self.weight)


class SectorFocalLoss(nn.Module):
    """Focal loss of the sector in which a sample lies; reads sector_logits, affect.

    Args:
        num_sectors: as in `fercli.ops.sectors.sector`.
        gamma: at least 0.
        alpha: one factor, or one for each sector.

    Raises:
        ConfigError: less than two sectors, or another number of scores or factors.

    Source: Antoniadis 2021, table 5.2.
    """

    def __init__(self, num_sectors: int, gamma: float = 2.0, alpha: float | Sequence[float] = 1.0):
        super().__init__()
        _check(num_sectors)
        self.num_sectors = num_sectors
        self.focal = FocalLoss(gamma, alpha)

    def forward(self, sector_logits: Tensor, affect: Tensor) -> Tensor:
        """Scalar loss of scores (B, num_sectors) and (B, 2)."""
        _same_number(sector_logits, self.num_sectors)
        loss: Tensor = self.focal(sector_logits, sector(affect, self.num_sectors))
        return loss


class HalfMSE(nn.Module):
    """Half the squared difference of a single score to 1 or 0; reads sector_logits, affect.

    The target is 1 where valence is at least 0. The score has no sigmoid, like the regression of valence and arousal;
    the source does not say whether it has one.

    Raises:
        ConfigError: more than one score.

    Source: Antoniadis 2021, section 5.2.
    """

    def forward(self, sector_logits: Tensor, affect: Tensor) -> Tensor:
        """Scalar loss of scores (B, 1) and (B, 2), mean over the batch."""
        score, target = _halves(sector_logits, affect)
        return F.mse_loss(score, target) / 2


class HalfBCE(nn.Module):
    """Binary cross-entropy of a single score; the target is 1 where valence is at least 0; reads sector_logits, affect.

    Raises:
        ConfigError: more than one score.

    Source: Antoniadis 2021, section 5.2.
    """

    def forward(self, sector_logits: Tensor, affect: Tensor) -> Tensor:
        """Scalar loss of scores (B, 1) before the sigmoid and (B, 2), mean over the batch."""
        return F.binary_cross_entropy_with_logits(*_halves(sector_logits, affect))


def _halves(sector_logits: Tensor, affect: Tensor) -> tuple[Tensor, Tensor]:
    _same_number(sector_logits, 1)
    score = full_precision(sector_logits)[:, 0]
    return score, sector(affect, 2).to(score.dtype)


def _check(num_sectors: int) -> None:
    if num_sectors < 2:
        raise ConfigError(
            f"expected num_sectors of 2 or more, found {num_sectors}; for a single score, use loss half_mse or half_bce"
        )


def _same_number(sector_logits: Tensor, num_scores: int) -> None:
    if sector_logits.shape[1] != num_scores:
        raise ConfigError(
            f"the loss wants {num_scores} scores of sectors, the head gives {sector_logits.shape[1]}; "
            "make head.num_sectors fit"
        )
