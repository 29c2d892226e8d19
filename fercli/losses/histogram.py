"""Histogram loss, and label-aware forms that use how far apart two scores are.

The label-aware forms are a DJ-LDML-style reconstruction. Only the abstract of Zhou et al. 2020 was available; it names
a label-aware histogram loss and an ordinal embedding. Weights, levels and margin are choices of this project.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from fercli.batch import Labels
from fercli.errors import ConfigError, choose
from fercli.fields import UNLABELLED
from fercli.ops.histogram import above_diagonal, expected_cost, histogram, order_cost
from fercli.ops.pairs import cosines
from fercli.ops.pairwise import full_precision
from fercli.scales import BDI_II

POS_KERNELS = ("indicator", "threshold", "gaussian", "linear")
NEG_KERNELS = ("indicator", "complement", "linear")
FLOOR = 1e-8  # a histogram with a smaller total weight is empty


def positive_weights(
    gap: Tensor, kernel: str, sigma: float = 2.0, eps: float = 2.0, highest: float = BDI_II.high
) -> Tensor:
    """Weight in [0, 1] of each pair as a positive pair, in the shape of `gap`, the difference of two scores in points.

    Args:
        kernel: `indicator`: 1 for equal scores. `threshold`: 1 for a gap of at most eps. `gaussian`:
            exp(-gap^2 / (4 sigma^2)), the cosine of two Gaussian label distributions. `linear`: 1 - gap / highest.
        sigma: standard deviation of the label distributions, in points.
        eps: largest gap of `threshold`, in points.
        highest: largest gap that the scale of the scores allows, in points.
    """
    if kernel == "indicator":
        return (gap == 0).to(gap)
    if kernel == "threshold":
        return (gap <= eps).to(gap)
    return torch.exp(-(gap / (2 * sigma)).square()) if kernel == "gaussian" else 1 - gap / highest


def negative_weights(gap: Tensor, kernel: str, positive: Tensor, highest: float = BDI_II.high) -> Tensor:
    """Weight in [0, 1] of each pair as a negative pair, in the shape of `gap`, the difference of two scores in points.

    Args:
        kernel: `indicator`: 1 for different scores. `complement`: 1 - `positive`. `linear`: gap / highest.
        positive: `positive_weights` of the same pairs.
        highest: largest gap that the scale of the scores allows, in points.
    """
    if kernel == "indicator":
        return (gap > 0).to(gap)
    return 1 - positive if kernel == "complement" else gap / highest


class _PairHistograms(nn.Module, ABC):
    """Base class: weighted histograms of the cosines of all pairs i < j of a batch; the first is of positive pairs.

    A subclass defines `weights` and `cost`. A batch that lacks the pairs for the cost gives 0, with a gradient of 0.
    These batches are counted.
    """

    order: Tensor
    num_degenerate: Tensor
    num_same_session: Tensor
    same_session_share: Tensor

    def __init__(self, num_nodes: int, exclude_same_session: bool):
        super().__init__()
        if num_nodes < 2:
            raise ConfigError(f"expected num_nodes of a histogram of 2 or more, found {num_nodes}")
        self.num_nodes = num_nodes
        self.exclude_same_session = exclude_same_session
        self.register_buffer("num_degenerate", torch.zeros((), dtype=torch.int64))
        self.register_buffer("num_same_session", torch.zeros((), dtype=torch.int64))
        self.register_buffer("same_session_share", torch.zeros(()), persistent=False)

    @abstractmethod
    def weights(self, gap: Tensor) -> Tensor:
        """(n, P) weight of each pair in each histogram, from gaps (P,) in points."""

    @abstractmethod
    def cost(self, shares: Tensor, filled: Tensor) -> tuple[Tensor, Tensor]:
        """Return the cost of histograms (n, R), and whether enough have weight; `filled` (n,) says which have."""

    def forward(self, feature: Tensor, score: Tensor, session: Tensor | None = None) -> Tensor:
        """Scalar loss, computed in float32 or better.

        Args:
            feature: (B, dim), of any length above 0.
            score: (B,) in points.
            session: (B,) int64 number of the session, UNLABELLED where unknown.

        Raises:
            ConfigError: `exclude_same_session` is true, and the loss gets no session.
        """
        similarity = above_diagonal(cosines(feature))
        score = full_precision(score)
        weights = self.weights(above_diagonal((score[:, None] - score).abs()).to(similarity.dtype))
        if self.exclude_same_session:
            weights = self._without_one_session(weights, session)
        filled = weights.sum(1) >= FLOOR
        value, enough = self.cost(histogram(similarity, weights, self.num_nodes), filled)
        self.num_degenerate += ~enough
        return enough * value

    def _without_one_session(self, weights: Tensor, session: Tensor | None) -> Tensor:
        """Set the weights of positive pairs within one session to 0, unless no other positive pairs are left."""
        if session is None:
            raise ConfigError(
                "this histogram loss leaves out positive pairs of one session, and it does not read 'session'; "
                "add it to the reads of the loss, or set its exclude_same_session=false"
            )
        same = above_diagonal((session[:, None] == session) & (session != UNLABELLED))
        others = weights[0].where(~same, 0)
        before, after = weights[0].sum(), others.sum()
        is_kept = (before >= FLOOR) & (after < FLOOR)
        self.num_same_session += is_kept
        self.same_session_share = ((before - after) / before.where(before > 0, 1)).to(self.same_session_share)
        return torch.cat([torch.where(is_kept, weights[0], others)[None], weights[1:]])

    def diagnostics(self) -> dict[str, Tensor]:
        """Return numbers to log beside the loss.

        `degenerate_batches`: number of batches that cost 0 for lack of pairs. `same_session_batches`: number of batches
        that kept their positive pairs within one session, because they had no others. `same_session_share`: share of
        the positive weight of the last batch that lay within one session, before any pair was left out.
        """
        found = {"degenerate_batches": self.num_degenerate}
        if self.exclude_same_session:
            found["same_session_batches"] = self.num_same_session
            found["same_session_share"] = self.same_session_share
        return {name: value.clone() for name, value in found.items()}


class HistogramLoss(_PairHistograms):
    """Probability that a positive pair is not more similar than a negative one; reads feature, score, session.

    With both kernels `indicator`, it is the plain loss: in [0, 1], and 0 only if every positive pair is more similar
    than every negative pair. With other kernels a pair may be in both histograms; the minimum is then above 0.

    Args:
        pos_kernel: indicator, threshold, gaussian or linear, see `positive_weights`.
        neg_kernel: indicator, complement or linear, see `negative_weights`.
        sigma: of `gaussian`, in points.
        eps: of `threshold`, in points.
        margin: None: the probability. A number: the mean of max(0, margin - lead). The lead is the cosine of the
            positive pair minus that of the negative pair.
        num_nodes: R of the histograms over cosines in [-1, 1].
        exclude_same_session: positive pairs within one session weigh 0, unless the batch has no others.

    Raises:
        ConfigError: an option is unknown or out of its range.

    Source: Ustinova and Lempitsky 2016 (arXiv 1611.00822), section 3, with 201 nodes and larger batches. The margin
    follows the linear form of their released layer. The label-aware kernels are a reconstruction, see above.
    """

    def __init__(
        self,
        pos_kernel: str = "indicator",
        neg_kernel: str = "indicator",
        sigma: float = 2.0,
        eps: float = 2.0,
        margin: float | None = None,
        num_nodes: int = 101,
        exclude_same_session: bool = True,
    ):
        super().__init__(num_nodes, exclude_same_session)
        self.pos_kernel = choose("pos_kernel of the histogram loss", pos_kernel, POS_KERNELS)
        self.neg_kernel = choose("neg_kernel of the histogram loss", neg_kernel, NEG_KERNELS)
        if not sigma > 0 or not eps >= 0:
            raise ConfigError(f"expected sigma above 0 and eps of 0 or more, found {sigma} and {eps}")
        self.sigma = sigma
        self.eps = eps
        self.register_buffer("order", order_cost(num_nodes, margin), persistent=False)
        self.fits: Sequence[str] = ("score",) if "linear" in (pos_kernel, neg_kernel) else ()
        self.highest = BDI_II.high

    def fit(self, labels: Labels) -> None:
        """Take the largest gap that the scale of the scores allows, which the kernel `linear` reads."""
        self.highest = labels.scale.high - labels.scale.low

    def weights(self, gap: Tensor) -> Tensor:
        """(2, P) weights of each pair as a positive and as a negative pair."""
        positive = positive_weights(gap, self.pos_kernel, self.sigma, self.eps, self.highest)
        return torch.stack([positive, negative_weights(gap, self.neg_kernel, positive, self.highest)])

    def cost(self, shares: Tensor, filled: Tensor) -> tuple[Tensor, Tensor]:
        """Return the probability or the mean shortfall; both histograms must have weight."""
        return expected_cost(shares[0], shares[1], self.order), filled.all()


class HistogramLevelsLoss(_PairHistograms):
    """One histogram for each level of the gap between two scores: pairs of a lower level should be more similar.

    Reads feature, score, session. The cost of two levels a < b is the probability that a pair of level a is not more
    similar than a pair of level b, in [0, 1]. With a margin, it is the mean shortfall from the margin. The loss is the
    mean cost over all a < b that have pairs, weighted by b - a.

    Args:
        edges: smallest gap of each level except the first, in points, ascending; (1,) is the plain `HistogramLoss`.
        num_nodes: R of the histograms over cosines in [-1, 1].
        exclude_same_session: pairs within one session weigh 0 in the first level, unless it has no others in the batch.
        margin: None: the probability. A number: the mean of max(0, (b - a) * margin - lead). The lead is the cosine of
            the pair of level a minus that of the pair of level b.

    Raises:
        ConfigError: the edges do not ascend from above 0.

    Source: a reconstruction, similar to Zholus and Putin 2020 (arXiv 2004.02830).
    """

    edges: Tensor

    def __init__(
        self,
        edges: Sequence[float] = (1, 6, 14, 29),
        num_nodes: int = 101,
        exclude_same_session: bool = True,
        margin: float | None = None,
    ):
        super().__init__(num_nodes, exclude_same_session)
        steps = [later - earlier for earlier, later in zip([0, *edges], edges, strict=False)]
        if not steps or min(steps) <= 0:
            raise ConfigError(f"expected edges of the levels that ascend from above 0, found {list(edges)}")
        self.register_buffer("edges", torch.tensor([float(edge) for edge in edges]), persistent=False)
        leads = range(len(edges) + 1)
        costs = [order_cost(num_nodes, None if margin is None else margin * lead) for lead in leads]
        self.register_buffer("order", torch.stack(costs), persistent=False)

    def weights(self, gap: Tensor) -> Tensor:
        """(levels, P) weights: 1 in the level of the gap, else 0."""
        level = torch.bucketize(gap, self.edges.to(gap.dtype), right=True)
        numbers = torch.arange(len(self.edges) + 1, device=gap.device)
        return (level == numbers[:, None]).to(gap)

    def cost(self, shares: Tensor, filled: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean over pairs of levels that have weight; at least two levels must have weight."""
        numbers = torch.arange(len(filled), device=filled.device)
        lead = (numbers - numbers[:, None]).clamp(min=0)
        distance = lead * filled * filled[:, None]
        costs = expected_cost(shares[:, None], shares[None], self.order[lead])
        total = distance.sum()
        return (distance * costs).sum() / total.clamp(min=1), total > 0
