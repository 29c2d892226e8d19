"""Batch normalization that keeps what it learned before, as is usual where a network is tuned on few images."""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from fercli.errors import choose

FROZEN = ("statistics", "all")


def frozen_norm(network: nn.Module, freeze: str | None) -> list[nn.Module]:
    """The layers of batch normalization that are to stay in evaluation mode while the network trains.

    Args:
        freeze: None: none of them. `statistics`: all; they normalize by the means and variances that they have, and
            keep these. `all`: likewise, and their factors and offsets no longer learn.

    Raises:
        ConfigError: no such choice.
    """
    if freeze is None:
        return []
    choose("trainer.freeze_norm", freeze, (None, *FROZEN))
    layers: list[nn.Module] = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    if freeze == "all":
        for layer in layers:
            layer.requires_grad_(False)
    return layers
