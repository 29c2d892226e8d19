"""A linear layer after the backbone, for methods that output a feature and nothing else."""

from torch import Tensor, nn

from fercli.prediction import Features


class EmbeddingHead(nn.Linear):
    """A linear layer from the feature to another width; nothing is predicted.

    Args:
        dim: width of the backbone's feature.
        embedding_dim: width of the embedding.
    """

    def __init__(self, dim: int, embedding_dim: int):
        super().__init__(dim, embedding_dim)
        self.feature_dim = embedding_dim

    def forward(self, features: Features) -> dict[str, Tensor]:  # type: ignore[override]
        """`feature` (B, embedding_dim)."""
        return {"feature": super().forward(features.vector)}
