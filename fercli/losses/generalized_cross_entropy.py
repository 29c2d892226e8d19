"""Generalized cross-entropy: a cross-entropy that wrong labels move less."""

from torch import Tensor, nn

from fercli.errors import ConfigError


class GeneralizedCrossEntropy(nn.Module):
    """Cross-entropy whose gradient is weighted by the probability of the labelled class, to the power q.

    With p the softmax of the class scores and y the class: L = (1 - p_y^q) / q, mean over the rows. q near 0 gives
    cross-entropy, q = 1 one minus the probability.

    Source: Zhang and Sabuncu 2018, equation 6.

    Args:
        q: in (0, 1].

    Raises:
        ConfigError: q is not in (0, 1].
    """

    def __init__(self, q: float = 0.7):
        super().__init__()
        if not 0 < q <= 1:
            raise ConfigError(f"expected 0 < q <= 1; found q={q:g}")
        self.q = q

    def forward(self, logits: Tensor, expression: Tensor) -> Tensor:
        """Scalar from class scores (B, K) and classes (B,)."""
        log_p = logits.log_softmax(dim=1).gather(1, expression[:, None])
        return (-(self.q * log_p).expm1() / self.q).mean()
