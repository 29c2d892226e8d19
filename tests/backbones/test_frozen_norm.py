import pytest
from torch import nn

from fercli.backbones.frozen_norm import frozen_norm
from fercli.errors import ConfigError


@pytest.fixture
def network():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Sequential(nn.BatchNorm1d(4), nn.LayerNorm(4)))


@pytest.mark.parametrize("freeze", [None, "statistics", "all"])
def test_layers_of_batch_normalization_are_found(network, freeze):
    layers = [] if freeze is None else [network[1], network[2][0]]
    assert frozen_norm(network, freeze) == layers
    fixed = {name for name, parameter in network.named_parameters() if not parameter.requires_grad}
    assert fixed == ({"1.weight", "1.bias", "2.0.weight", "2.0.bias"} if freeze == "all" else set())


def test_an_unknown_choice_is_refused(network):
    with pytest.raises(ConfigError, match=r"no trainer.freeze_norm named 'stats'.*did you mean 'statistics'"):
        frozen_norm(network, "stats")
