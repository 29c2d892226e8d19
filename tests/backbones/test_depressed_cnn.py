import pytest
import torch
from torch import nn

from fercli.backbones.depressed_cnn import DepressedCNN, channel_max_pool
from fercli.errors import ConfigError


def num_parameters(module):
    return sum(p.numel() for p in module.parameters())


def shapes_of(network, image):
    """Shapes that convolutions and pooling layers put out, in order."""
    found = []
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.MaxPool2d):
            module.register_forward_hook(lambda _, __, out: found.append(tuple(out.shape)))
    network(image)
    return found


def test_shapes_as_published():
    with torch.device("meta"):
        network = DepressedCNN()
        image = torch.zeros(2, 3, 224, 224)
    assert shapes_of(network, image) == [
        (2, 64, 224, 224),
        (2, 64, 112, 112),
        (2, 128, 112, 112),
        (2, 128, 56, 56),
        (2, 256, 56, 56),
        (2, 256, 28, 28),
        (2, 512, 28, 28),
        (2, 512, 28, 28),
    ]
    features = network(image)
    assert features.map.shape == (2, 640, 28, 28)
    assert features.vector.shape == (2, 640) == (2, network.dim)


def test_parameters_of_each_convolution():
    with torch.device("meta"):
        network = DepressedCNN()
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert [num_parameters(module) for module in convolutions] == [1_792, 73_856, 295_168, 1_180_160, 2_359_808]
    assert num_parameters(network) == 3_910_784


def test_without_channel_max_pooling():
    with torch.device("meta"):
        network = DepressedCNN(cmp=False)
        features = network(torch.zeros(2, 3, 224, 224))
    assert features.map.shape == (2, 512, 28, 28)
    assert network.dim == 512
    assert num_parameters(network) == 3_910_784


def test_channel_max_pooling_of_one_pixel():
    channels = torch.tensor([1.0, 5, 2, 0, 3, 3, -1, 2, -4, -2, -3, -1]).view(1, 12, 1, 1)
    assert channel_max_pool(channels).flatten().tolist() == [5, 3, -1]


def test_the_strongest_channels_of_the_fourth_convolution_come_before_those_of_the_last():
    torch.manual_seed(0)
    network = DepressedCNN(width=4)
    image = torch.randn(2, 3, 16, 24)
    fourth = network.conv4_1(network.stages(image))
    map = network(image).map
    for c in range(8):
        assert torch.equal(map[:, c], fourth[:, 4 * c : 4 * c + 4].max(1).values)
    assert torch.equal(map[:, 8:], network.conv4_2(fourth))
    plain = DepressedCNN(width=4, cmp=False)
    plain.load_state_dict(network.state_dict())
    assert torch.equal(plain(image).map, map[:, 8:])


def test_the_vector_is_the_mean_of_the_map():
    features = DepressedCNN(width=4)(torch.randn(2, 3, 16, 16))
    torch.testing.assert_close(features.vector, features.map.mean((2, 3)))


def test_batch_norm_follows_every_convolution():
    network = DepressedCNN(width=4, batch_norm=True)
    kinds = [type(m).__name__ for m in network.modules() if isinstance(m, nn.Conv2d | nn.BatchNorm2d | nn.ReLU)]
    assert kinds == ["Conv2d", "BatchNorm2d", "ReLU"] * 5
    assert network(torch.randn(2, 3, 16, 16)).map.shape == (2, 40, 2, 2)


def test_it_starts_from_he_normal_weights():
    torch.manual_seed(0)
    weight = DepressedCNN().conv4_2[0].weight
    assert weight.var().item() == pytest.approx(2 / (512 * 9), rel=0.01)


def test_gray_images():
    assert DepressedCNN(channels=1, width=4)(torch.zeros(1, 1, 8, 8)).map.shape == (1, 40, 1, 1)


@pytest.mark.parametrize("side", [28, 4])
def test_sides_that_are_no_multiple_of_the_stride_are_refused(side):
    with pytest.raises(ConfigError, match=rf"multiples of 8 pixels, found {side}x{side}; set augment.size"):
        DepressedCNN(width=4)(torch.zeros(1, 3, side, side))
