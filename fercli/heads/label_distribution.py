"""The head of the DJ-LDML-style reconstruction: an embedding, and a distribution over the levels of severity."""

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError, choose
from fercli.ops.pairwise import full_precision
from fercli.ops.score_distribution import expectation
from fercli.prediction import Features

LAYOUTS = ("serial", "parallel")
DECODES = ("expectation", "argmax")


class LabelDistributionHead(nn.Module):
    """A linear embedding for the metric loss, and scores of the levels 0, 1, ... before softmax.

    Args:
        dim: width of the feature.
        num_levels: of the score, such as 64 for the BDI-II.
        embedding_dim: width of the embedding.
        layout: `serial`: the scores are linear in the embedding after ReLU and dropout, so both losses shape it.
            `parallel`: they are linear in the feature itself.
        dropout: of `serial`, in [0, 1).
        decode: the predicted score in evaluation: `expectation` or `argmax` of the distribution. In training it is
            always the expectation, which has a gradient.

    Raises:
        ConfigError: unknown layout or decode, or fewer than two levels.

    Source: a reconstruction; the abstract of Zhou et al. 2020 says only that both modules work on one feature.
    """

    def __init__(
        self,
        dim: int,
        num_levels: int = 64,
        embedding_dim: int = 512,
        layout: str = "serial",
        dropout: float = 0.5,
        decode: str = "expectation",
    ):
        super().__init__()
        for option, value, choices in (("layout", layout, LAYOUTS), ("decode", decode, DECODES)):
            choose(f"head.{option}", value, choices)
        if num_levels < 2:
            raise ConfigError(f"expected head.num_levels of 2 or more, found {num_levels}")
        self.decode = decode
        self.feature_dim = embedding_dim
        self.embedding = nn.Linear(dim, embedding_dim)
        self.activation = nn.Sequential(nn.ReLU(), nn.Dropout(dropout)) if layout == "serial" else None
        self.levels = nn.Linear(dim if self.activation is None else embedding_dim, num_levels)

    def forward(self, features: Features) -> dict[str, Tensor]:
        """`feature` (B, embedding_dim), `score_logits` (B, num_levels) and `predicted_score` (B,) in points."""
        embedding = self.embedding(features.vector)
        logits = self.levels(features.vector if self.activation is None else self.activation(embedding))
        return {"feature": embedding, "score_logits": logits, "predicted_score": self._decoded(logits)}

    def _decoded(self, logits: Tensor) -> Tensor:
        logits = full_precision(logits)
        if self.decode == "argmax" and not self.training:
            return logits.argmax(1).to(logits.dtype)
        return expectation(torch.softmax(logits, dim=1))
