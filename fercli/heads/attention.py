"""The attention network of DACL: how much each element of a feature counts, estimated from the last feature map."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError, RunError


class ContextEncoder(nn.Module):
    """The CE-Unit: linear layers with batch normalization from the flattened map to a code in (-1, 1).

    Args:
        num_inputs: channels * height * width of the map.
        widths: of the layers; the last is the code.
        gated: multiply the code by a sigmoid gate of the same input, with batch normalization of its own (g-DACL).
            The source does not print the widths of this variant; here they are the same.

    Raises:
        ConfigError: no widths.

    Source: Farzaneh 2020, equation 4.5; gated 4.8 to 4.10.
    """

    def __init__(self, num_inputs: int, widths: Sequence[int] = (3584, 512, 64), gated: bool = False):
        super().__init__()
        if not widths:
            raise ConfigError("expected head.widths with at least the width of the code, found none")
        *hidden, last = (num_inputs, *widths)
        self.hidden = nn.Sequential(nn.Flatten(), *(layer for pair in pairwise(hidden) for layer in _layer(*pair)))
        self.code = nn.Sequential(nn.Linear(hidden[-1], last), nn.BatchNorm1d(last), nn.Tanh())
        self.gate = nn.Sequential(nn.Linear(hidden[-1], last), nn.BatchNorm1d(last), nn.Sigmoid()) if gated else None

    def forward(self, map: Tensor) -> Tensor:
        """Code (B, widths[-1]) of maps (B, C, H, W), flattened in the order C, H, W."""
        hidden = self.hidden(map)
        code: Tensor = self.code(hidden)
        return code if self.gate is None else code * self.gate(hidden)


class AttentionNetwork(nn.Module):
    """A context encoder, and for each element of the feature a softmax over exclusion (slot 0) and inclusion (slot 1).

    Linear weights start from He's normal distribution, biases at 0.

    Args:
        num_inputs: channels * height * width of the map.
        dim: width of the feature.
        widths: of the context encoder.
        gated: the context encoder of g-DACL.

    Source: Farzaneh 2020, equations 4.5 to 4.7.
    """

    def __init__(self, num_inputs: int, dim: int, widths: Sequence[int] = (3584, 512, 64), gated: bool = False):
        super().__init__()
        self.dim = dim
        self.encoder = ContextEncoder(num_inputs, widths, gated)
        self.heads = nn.Linear(widths[-1], 2 * dim)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.kaiming_normal_(module.weight)
                nn.init.zeros_(module.bias)

    def forward(self, map: Tensor) -> Tensor:
        """Weights (B, dim) in (0, 1) of maps (B, C, H, W).

        Raises:
            RunError: a training batch of one image, which batch normalization would map to zeros.
        """
        if self.training and len(map) == 1:
            raise RunError(
                "expected at least 2 images in a training batch, found 1: the attention network normalizes over the "
                "batch. Choose a trainer.batch_size that does not leave a last batch of one image"
            )
        scores: Tensor = self.heads(self.encoder(map))
        return torch.softmax(scores.unflatten(1, (self.dim, 2)), 2)[..., 1]


def _layer(num_in: int, num_out: int) -> tuple[nn.Module, ...]:
    return nn.Linear(num_in, num_out), nn.BatchNorm1d(num_out), nn.ReLU()
