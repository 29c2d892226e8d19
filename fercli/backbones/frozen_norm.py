"""Batch normalization that keeps what it learned before, as is usual where a network is tuned on few images."""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from fercli.errors import choose

FROZEN = ("statistics", "all")


def frozen_norm(network: nn.Module, freeze: str | None) -> list[nn.Module]:
    """The layers of batch normalization that are to stay in evaluation mode while the network trains.

    Args:
        freeze: None: no layer. `statistics`: every layer normalizes by the means and variances that it has, and keeps
            them. `all`: the same, and the factors and offsets of the layers no longer learn.

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
