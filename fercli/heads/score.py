"""One number from the feature: the severity score."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from fercli.batch import Labels
from fercli.errors import ConfigError
from fercli.prediction import Features
from fercli.scales import BDI_II, Scale


class ScoreHead(nn.Module):
    """Linear layers with ReLU and dropout between them, and a single output.

    Args:
        dim: width of the feature.
        hidden: widths of the layers before the output; empty: the score is linear in the feature.
        dropout: after each of these layers, in [0, 1).
        init_output_bias: start the bias of the output at the mean score of the training split.
        clamp_output: keep the score of each row within the range of the scale, only in evaluation.
        label_scale: points per unit of the output layer; the returned score is in points.
        severity_scale: of the data set.

    Raises:
        ConfigError: the scale is not above 0.

    Source: He, Chan and Wang 2021, with hidden (1024,) and dropout 0.5; the sizes are not given there.
    """

    def __init__(
        self,
        dim: int,
        hidden: Sequence[int] = (),
        dropout: float = 0.5,
        init_output_bias: bool = False,
        clamp_output: bool = False,
        label_scale: float = 1.0,
        severity_scale: Scale = BDI_II,
    ):
        super().__init__()
        if not label_scale > 0:
            raise ConfigError(f"expected head.label_scale above 0, found {label_scale}")
        widths = (dim, *hidden)
        layers = [layer for pair in pairwise(widths) for layer in (nn.Linear(*pair), nn.ReLU(), nn.Dropout(dropout))]
        self.hidden = nn.Sequential(*layers)
        self.output = nn.Linear(widths[-1], 1)
        self.clamp_output = clamp_output
        self.label_scale = label_scale
        self.severity_scale = severity_scale
        self.fits: Sequence[str] = ("score",) if init_output_bias else ()

    def fit(self, labels: Labels) -> None:
        """With `init_output_bias`, start at the mean training score."""
        if self.fits:
            nn.init.constant_(self.output.bias, float(np.nanmean(labels.score)) / self.label_scale)

    def forward(self, features: Features) -> dict[str, Tensor]:
        """`predicted_score` (B,) in points."""
        score: Tensor = self.label_scale * self.output(self.hidden(features.vector))[:, 0]
        if self.clamp_output and not self.training:
            score = torch.clamp(score, self.severity_scale.low, self.severity_scale.high)
        return {"predicted_score": score}
