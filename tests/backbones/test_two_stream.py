import pytest
import torch

from fercli.backbones.two_stream import CaerEncoder


@pytest.fixture
def encoder():
    with torch.device("meta"):
        return CaerEncoder()


def test_number_of_parameters(encoder):
    layers = [sum(p.numel() for p in layer.parameters()) for layer in encoder.layers]
    assert [number for number in layers if number] == [
        *(896, 64, 18_496, 128, 73_856, 256),
        *(295_168, 512, 590_080, 512),
    ]
    assert sum(layers) == 979_968


def test_shapes(encoder):
    features = encoder(torch.zeros(2, 3, 112, 112, device="meta"))
    assert features.map.shape == (2, 256, 7, 7)
    assert features.vector.shape == (2, encoder.dim) == (2, 256)


def test_size_of_the_map_after_each_pooling(encoder):
    sizes, image = [], torch.zeros(1, 3, 112, 112, device="meta")
    for layer in encoder.layers:
        image = layer(image)
        sizes += [tuple(image.shape[1:])] if isinstance(layer, torch.nn.MaxPool2d) else []
    assert sizes == [(32, 56, 56), (64, 28, 28), (128, 14, 14), (256, 7, 7)]


def test_the_vector_is_the_mean_of_a_map_without_negative_numbers():
    features = CaerEncoder(channels=1).eval()(torch.randn(2, 1, 16, 48))
    assert features.map.shape == (2, 256, 1, 3)
    assert (features.map >= 0).all()
    torch.testing.assert_close(features.vector, features.map.mean((2, 3)))
