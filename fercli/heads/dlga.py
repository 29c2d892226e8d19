"""The head of DLGA-CNN: severity of depression from the attended parts of a face and from the whole face."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from fercli.batch import Labels
from fercli.errors import ConfigError, choose
from fercli.heads.local_attention import GlobalAttention, LocalAttention
from fercli.ops.initialization import he_normal_
from fercli.ops.patches import cut_windows
from fercli.ops.pyramid import NUM_BINS, PYRAMID_MATCH, weighted_pyramid
from fercli.prediction import Features

WSPP_WEIGHTS = {"pyramid_match": PYRAMID_MATCH, "none": (1.0,) * len(NUM_BINS)}


class DLGAHead(nn.Module):
    """Local and global attention, weighted spatial pyramid pooling, and two fully connected layers to the score.

    Args:
        map: channels, height and width of the backbone's map.
        local_attention: as in LA-CNN, 1536 numbers.
        global_attention: as in GA-CNN, 512 numbers. With both (LGA-CNN), those of local attention come first.
        wspp: pool these numbers to 150.
        wspp_weights: `pyramid_match`, or `none`: all levels count alike.
        gates: False: no gates, as if all were 1.
        gate_pooling: `average` or `flatten`, see `fercli.heads.gate.Gate`.
        shared: one set of weights for all 24 patches.
        hidden: width of the first fully connected layer; the source does not give it.
        dropout: probability, before the last layer; the source does not give it.
        init_output_bias: start from the mean score of the training samples. At the rate of the source, 1e-6, Adam moves
            no weight by more than about 0.05 in 50,000 steps, so the start matters much.
        label_scale: points per unit of the last layer; 63 makes it, with the BDI-II, predict a share of the scale.

    Raises:
        ConfigError: an option is unknown or out of its range, or the map is missing or too small.

    Source: He, Chan and Wang 2021.
    """

    def __init__(
        self,
        map: Sequence[int] | None,
        local_attention: bool = True,
        global_attention: bool = True,
        wspp: bool = True,
        wspp_weights: str = "pyramid_match",
        gates: bool = True,
        gate_pooling: str = "average",
        shared: bool = False,
        hidden: int = 1024,
        dropout: float = 0.5,
        init_output_bias: bool = False,
        label_scale: float = 1.0,
    ):
        super().__init__()
        if map is None:
            raise ConfigError(
                "this head reads the last feature map, which the backbone does not give; set backbone.map"
            )
        if not (local_attention or global_attention):
            raise ConfigError("expected head.local_attention or head.global_attention to be true, found neither")
        choose("head.wspp_weights", wspp_weights, WSPP_WEIGHTS)
        if not label_scale > 0:
            raise ConfigError(f"expected head.label_scale above 0, found {label_scale}")
        channels, height, width = map
        self.map = (channels, height, width)
        self.local = LocalAttention(channels, gates, gate_pooling, shared) if local_attention else None
        side = min(height, width)
        self.whole = GlobalAttention(channels, side, gates, gate_pooling) if global_attention else None
        self.wspp_weights = WSPP_WEIGHTS[wspp_weights] if wspp else None
        num_attended = sum(branch.dim for branch in (self.local, self.whole) if branch is not None)
        self.feature_dim = sum(NUM_BINS) if wspp else num_attended
        self.regressor = nn.Sequential(
            nn.Linear(self.feature_dim, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, 1)
        )
        he_normal_(self.regressor)
        self.label_scale = label_scale
        self.fits = ("score",) if init_output_bias else ()

    def fit(self, labels: Labels) -> None:
        """With `init_output_bias`, set the bias of the last layer: the score starts at the mean training score."""
        if self.fits:
            last = self.regressor[-1]
            assert isinstance(last, nn.Linear)
            nn.init.constant_(last.bias, float(np.nanmean(labels.score)) / self.label_scale)

    def forward(self, features: Features, starts: Tensor) -> dict[str, Tensor]:
        """`feature` (B, dim), `predicted_score` (B,), and with gates `gates` (B, 24, 1 or 25), local ones first.

        Args:
            features: of the images; only the map (B, C, H, W) is read.
            starts: (B, 24, 2) int64 first column and row of the window of each patch on the map.

        Raises:
            ConfigError: the map has another shape.
        """
        found = None if features.map is None else tuple(features.map.shape[1:])
        if features.map is None or found != self.map:
            raise ConfigError(f"expected feature maps of {self.map}, found {found}; all images need one size")
        attended = []
        if self.local is not None:
            attended.append(self.local(cut_windows(features.map, starts)))
        if self.whole is not None:
            attended.append(self.whole(features.map))
        feature = torch.cat([vector for vector, _ in attended], dim=1)
        if self.wspp_weights is not None:
            feature = weighted_pyramid(feature, weights=self.wspp_weights)
        predicted = {"feature": feature, "predicted_score": self.label_scale * self.regressor(feature)[:, 0]}
        gates = [gate for _, gate in attended if gate is not None]
        return predicted | ({"gates": torch.cat(gates, dim=1)} if gates else {})
