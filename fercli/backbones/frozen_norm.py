"""Frozen batch normalization, as is usual when a pretrained network is fine-tuned on few images."""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from fercli.errors import choose

FROZEN = ("statistics", "all")


def frozen_norm(network: nn.Module, freeze: str | None) -> list[nn.Module]:
    """Return the layers of batch normalization that should stay in evaluation mode while the network trains.

    Args:
        freeze: None: no layer. `statistics`: every layer uses its stored means and variances, and keeps them. `all`:
            also the factors and offsets of the layers are no longer trained.

    Raises:
        ConfigError: unknown `freeze`.
    """
    if freeze is None:
        return []
    choose("trainer.freeze_norm", freeze, (None, *FROZEN))
    layers: list[nn.Module] = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    if freeze == "all":
        for layer in layers:
            layer.requires_grad_(False)
    return layers
