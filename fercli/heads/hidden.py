"""A classifier with one hidden layer."""

from torch import Tensor, nn

from fercli.errors import ConfigError
from fercli.prediction import Features


class HiddenHead(nn.Module):
    """Class scores from a linear layer, ReLU, dropout and another linear layer.

    Args:
        dim: width of the feature.
        num_classes: K.
        hidden: width of the hidden layer.
        dropout: share of its outputs that are set to 0 while training, in [0, 1).

    Raises:
        ConfigError: dropout is outside of its range.

    Source: Lee et al. 2019, section 3.3, the two last layers of CAER-Net, with 128 channels between.
    """

    def __init__(self, dim: int, num_classes: int, hidden: int = 128, dropout: float = 0.5):
        super().__init__()
        if not 0 <= dropout < 1:
            raise ConfigError(f"expected head.dropout of at least 0 and below 1, found {dropout}")
        self.layers = nn.Sequential(
            nn.Linear(dim, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, num_classes)
        )

    def forward(self, features: Features) -> dict[str, Tensor]:
        """`logits` (B, K)."""
        return {"logits": self.layers(features.vector)}
