"""Initial weights of networks."""

from torch import nn


def he_normal_(network: nn.Module) -> None:
    """Draw the weights of all convolutions and linear layers with variance 2 / fan-in; their biases become 0.

    Source: He et al. 2015, equation 10.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
