"""A linear map of the feature, for methods whose answer is the feature itself."""

from torch import Tensor, nn

from fercli.prediction import Features


class EmbeddingHead(nn.Linear):
    """The feature brought to another width; nothing is predicted.

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
