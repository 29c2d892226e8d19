import pytest
import torch

from fercli.backbones.lenets import LeNets
from fercli.errors import ConfigError


def test_number_of_parameters_with_a_classifier_of_ten_digits():
    network = torch.nn.ModuleList([LeNets(), torch.nn.Linear(2, 10)])
    assert sum(parameter.numel() for parameter in network.parameters()) == 797_191


def test_shapes():
    features = LeNets()(torch.zeros(3, 1, 28, 28))
    assert features.vector.shape == (3, 2)
    assert features.map.shape == (3, 128, 3, 3)


def test_other_images():
    features = LeNets(channels=3, size=32, dim=5)(torch.zeros(2, 3, 32, 32))
    assert features.vector.shape == (2, 5)
    assert features.map.shape == (2, 128, 4, 4)


def test_first_features_are_small():
    torch.manual_seed(0)
    image = torch.randn(8, 1, 28, 28)
    assert LeNets()(image).vector.abs().max() < 0.1  # so that DDA loss, whose gradients grow with them, starts gently


def test_images_of_another_size_are_refused():
    with pytest.raises(ConfigError, match=r"expected images of 28x28 pixels, found 32x30; set backbone.size"):
        LeNets()(torch.zeros(1, 1, 32, 30))
