"""Losses of the class scores: weighted cross-entropy, focal loss, and cross-entropy with the votes of annotators."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fercli.batch import Labels
from fercli.charts import Bars, Curves
from fercli.errors import ConfigError, DataError, choose
from fercli.fields import UNLABELLED
from fercli.ops.pairwise import full_precision

WEIGHTS = ("inverse", "literal")
REDUCTIONS = ("weight_mean", "mean")
GAMMAS = (0.0, 0.5, 1.0, 2.0, 5.0)  # of the curves of focal loss


def class_weights(count: Tensor, weights: str = "inverse") -> Tensor:
    """(K,) float64 weight of each class from its number of samples (K,); a class without samples counts as the rarest.

    Args:
        weights: `inverse` is smallest count / count, in (0, 1]; `literal` is count / smallest count, as printed. The
            printed form weights frequent classes most, contrary to the purpose that the source states.

    Raises:
        DataError: there are no samples at all.

    Source: Antoniadis 2021, chapter 3.
    """
    if not count.any():
        raise DataError("expected labelled training rows for the class weights, found none")
    smallest = count[count > 0].min()
    share = count.clamp(min=smallest).double() / smallest
    return share if weights == "literal" else 1 / share


def weighted_cross_entropy(logits: Tensor, target: Tensor, weight: Tensor, reduction: str = "weight_mean") -> Tensor:
    """Cross-entropy of each sample times the weight of its class.

    Args:
        logits: (B, K).
        target: (B,) int64.
        weight: (K,).
        reduction: `weight_mean` divides the sum by the sum of the weights of the batch, `mean` by B.

    Source: Antoniadis 2021, chapter 3, which leaves the reduction open; `weight_mean` is that of PyTorch.
    """
    logits = full_precision(logits)
    weight = weight.to(logits.dtype)
    if reduction == "mean":
        return F.cross_entropy(logits, target, weight, reduction="none").mean()
    return F.cross_entropy(logits, target, weight)


class WeightedCrossEntropy(nn.Module):
    """`weighted_cross_entropy` with the class weights of the training split; reads logits, expression.

    Args:
        num_classes: K.
        weights: `inverse` or `literal` (as printed), see `class_weights`.
        reduction: `weight_mean` or `mean`.

    Raises:
        ConfigError: unknown weights or reduction.
    """

    fits: Sequence[str] = ("expression",)
    weight: Tensor

    def __init__(self, num_classes: int, weights: str = "inverse", reduction: str = "weight_mean"):
        super().__init__()
        choose("class weights", weights, WEIGHTS)
        choose("reduction of weighted cross-entropy", reduction, REDUCTIONS)
        self.weights = weights
        self.reduction = reduction
        # NaN until `fit`, so that a loss that was never fitted is noticed.
        self.register_buffer("weight", torch.full((num_classes,), torch.nan))

    def fit(self, labels: Labels) -> None:
        """Compute the weights of the classes from their counts."""
        expression = torch.as_tensor(labels.expression)
        count = torch.bincount(expression[expression != UNLABELLED], minlength=len(self.weight))
        self.weight.copy_(class_weights(count, self.weights))

    def forward(self, logits: Tensor, expression: Tensor) -> Tensor:
        """Scalar loss."""
        return weighted_cross_entropy(logits, expression, self.weight, self.reduction)

    def charts(self, classes: Sequence[str]) -> list[Bars]:
        """Draw the weight of each class."""
        weights = self.weight.double().cpu().numpy()
        caption = "Weight of each class in the loss"
        return [Bars("class_weights", caption, "Class weights", "weight in the loss", classes, weights)]


def focal_loss(logits: Tensor, target: Tensor, gamma: float = 2.0, alpha: Tensor | float = 1.0) -> Tensor:
    """Cross-entropy of each sample times alpha (1 - p)^gamma; mean over the batch.

    p is the predicted probability of the true class.

    Args:
        logits: (B, K), K at least 2.
        target: (B,) int64.
        gamma: at least 0; 0 is cross-entropy.
        alpha: one factor for all, or (B,).

    Source: Lin et al. 2017, equation 5, for a softmax over K classes. Antoniadis 2021 does not give gamma and alpha.
    """
    logits = full_precision(logits)
    total = logits.logsumexp(1)
    log_p = logits.gather(1, target[:, None]).squeeze(1) - total
    # 1 - p comes from the scores of the other classes, so it stays exact and has a gradient where p rounds to 1.
    others = logits.scatter(1, target[:, None], -torch.inf).logsumexp(1)
    return -(alpha * torch.exp(gamma * (others - total)) * log_p).mean()


class FocalLoss(nn.Module):
    """`focal_loss`; reads logits, expression.

    Args:
        gamma: at least 0.
        alpha: one factor, or one for each of the K classes.

    Raises:
        ConfigError: negative gamma, or the number of factors is not the number of classes.
    """

    alpha: Tensor

    def __init__(self, gamma: float = 2.0, alpha: float | Sequence[float] = 1.0):
        super().__init__()
        if not gamma >= 0:
            raise ConfigError(f"expected gamma of focal loss of 0 or more, found {gamma}")
        self.gamma = gamma
        factors = alpha if isinstance(alpha, int | float) else list(alpha)
        self.register_buffer("alpha", torch.tensor(factors, dtype=torch.float32), persistent=False)

    def forward(self, logits: Tensor, expression: Tensor) -> Tensor:
        """Scalar loss."""
        if self.alpha.dim() and len(self.alpha) != logits.shape[1]:
            raise ConfigError(
                f"expected alpha of focal loss as one number or {logits.shape[1]} numbers, one for each class; "
                f"found {len(self.alpha)}"
            )
        alpha = self.alpha[expression] if self.alpha.dim() else self.alpha
        return focal_loss(logits, expression, self.gamma, alpha)

    def charts(self, classes: Sequence[str]) -> list[Curves]:
        """Draw the loss against the probability of the true class, for several gamma and the gamma of this loss.

        Source: Lin et al. 2017, figure 1; Antoniadis 2021, figure 5.4.1.
        """
        p = torch.linspace(0.01, 0.99, 99, dtype=torch.float64)
        logits, true = torch.stack([p, 1 - p], 1).log(), torch.tensor([0])
        lines = {}
        for gamma in sorted({*GAMMAS, self.gamma}):
            label = f"gamma {gamma:g}" + (" (cross-entropy)" if gamma == 0 else "")
            losses = [focal_loss(row[None], true, gamma).item() for row in logits]
            lines[f"{label}, used here" if gamma == self.gamma else label] = (p.numpy(), np.array(losses))
        caption = "Focal loss at several gamma"
        axes = ("probability of the true class", "loss (nats)")
        return [Curves("focal_loss", caption, "Focal loss", *axes, lines, limits=(0, 5))]


class VoteCrossEntropy(nn.Module):
    """Cross-entropy with the shares of the annotators' votes as soft labels; reads logits, votes.

    A row without votes is left out, like an unlabelled row. A batch without any votes costs 0, with a gradient of 0.

    Source: Barsoum et al. 2016, the scheme called cross-entropy loss.
    """

    def forward(self, logits: Tensor, votes: Tensor) -> Tensor:
        """Scalar loss of scores (B, K) and votes (B, K), mean over the rows with votes."""
        logits = full_precision(logits)
        votes = votes.to(logits.dtype)
        count = votes.sum(1, keepdim=True)
        each = F.cross_entropy(logits, votes / count.where(count > 0, 1), reduction="none")
        return each.sum() / (count > 0).sum().clamp(min=1)
